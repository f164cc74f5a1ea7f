import CVmnet
import Logging
import OpenVmnet
import VmnetSystem

/// An interface on its network.
struct NetworkAttachment: Sendable {
    let network: SharedNetwork
    let interface: Interface
    /// Whether it was found by what was asked of it, in the registry, which counts its users.
    private let isRegistered: Bool

    private init(
        _ network: SharedNetwork, isRegistered: Bool, _ description: InterfaceDescription
    ) throws(VmnetError) {
        self.network = network
        self.isRegistered = isRegistered
        interface = try network.makeInterface(description.interface)
    }

    /// Attaches an interface to a network that the program holds.
    init(_ description: InterfaceDescription, to network: SharedNetwork) throws(VmnetError) {
        try self.init(network, isRegistered: false, description)
    }

    /// Attaches an interface to the network that the description asks for, or to the one that the environment names.
    init(_ description: InterfaceDescription) throws(VmnetError) {
        if let name = Environment.value("OPENVMNET_NETWORK"), !name.isEmpty {
            try self.init(description, toNetworkNamed: name)
            return
        }
        let network = try NetworkRegistry.shared.join(description)
        do throws(VmnetError) {
            try self.init(network, isRegistered: true, description)
        } catch {
            NetworkRegistry.shared.leave(network)
            throw error
        }
    }

    private init(_ description: InterfaceDescription, toNetworkNamed name: String) throws(VmnetError) {
        let network = try SharedNetwork(joining: name)
        if let mode = try description.mode(), mode != network.mode {
            Log.logger.warning(
                "the network '\(name)' is of mode \(network.mode.rawValue), not \(mode.rawValue) as was asked for")
        }
        try self.init(description, to: network)
    }

    /// Takes the interface off the network, which ends with its last user.
    func end() {
        interface.stop()
        if isRegistered { NetworkRegistry.shared.leave(network) }
    }

    /// What the program is told of the interface, by vmnet's keys.
    func parameters(_ description: InterfaceDescription) -> XPCObject {
        let values = interface.parameters
        let parameters = XPCObject.dictionary()
        // Safety: the keys are constants.
        unsafe parameters.set(vmnet_write_max_packets_key, .uint64(values.writeLimit))
        unsafe parameters.set(vmnet_read_max_packets_key, .uint64(values.readLimit))
        if let range = network.addresses {
            unsafe parameters.set(vmnet_subnet_mask_key, .string(range.mask))
            unsafe parameters.set(vmnet_end_address_key, .string(range.end))
            unsafe parameters.set(vmnet_start_address_key, .string(range.start))
        }
        if let prefix = values.nat66Prefix { unsafe parameters.set(vmnet_nat66_prefix_key, .string("\(prefix)")) }
        unsafe parameters.set(vmnet_mtu_key, .uint64(values.mtu))
        unsafe parameters.set(vmnet_interface_id_key, XPCObject(.uuid(.octets(values.id.octets))))
        unsafe parameters.set(vmnet_max_packet_size_key, .uint64(values.maximumPacketByteCount))
        if description.allocatesMACAddress {
            unsafe parameters.set(vmnet_mac_address_key, .string("\(values.macAddress)"))
        }
        return parameters
    }
}
