import CVmnet
import OpenVmnet
import VmnetSystem
import VmnetWire

/// What a network is to be made from: `vmnet_network_configuration_ref` is a reference to one.
///
/// Safety: a program uses a configuration from one thread at a time (vmnet.h).
final class NetworkPlan: @unchecked Sendable {
    /// What a network does without.
    enum Omission {
        case nat44, nat66, dhcp, dnsProxy, routerAdvertisement
    }

    private let mode: OperationMode
    private var range: AddressRange?
    private var prefix: IPv6Address?
    var mtu: Int?
    private var reservations: [MACAddress: IPv4Address] = [:]
    private var rules: [ForwardingRule] = []
    var omissions: Set<Omission> = []

    init(_ mode: OperationMode) {
        self.mode = mode
    }

    /// - Throws: `.invalidArgument` for any but the interface of the default route, by which shared traffic leaves.
    func setExternalInterface(_ name: String) throws(VmnetError) {
        guard mode == .shared else { throw notOfMode("an external interface") }
        let defaults = (try? RouteList.ipv4())?.filter(\.isDefault).compactMap(\.interface) ?? []
        guard defaults.contains(name) else {
            throw VmnetError(
                .invalidArgument, "shared traffic does not leave by '\(name)'",
                hint:
                    "it leaves by this host's routes: \(defaults.isEmpty ? "there is none" : defaults.joined(separator: ", "))"
            )
        }
    }

    /// The second address is the host's; the others but the last are for guests.
    func setSubnet(_ address: IPv4Address, mask: IPv4Address) throws(VmnetError) {
        guard let subnet = IPv4Subnet(containing: address, mask: mask) else {
            throw VmnetError(
                .invalidArgument, "\(mask) is not a mask: its ones are not contiguous",
                hint: "a network of 254 guests has 255.255.255.0")
        }
        range = try AddressRange(
            start: subnet.network.advanced(by: 1), end: subnet.broadcast.advanced(by: -1), mask: mask)
    }

    func setPrefix(_ prefix: IPv6Address, length: UInt8) throws(VmnetError) {
        guard mode == .shared else { throw notOfMode("an IPv6 prefix") }
        guard length == 64, prefix.low == 0, prefix.high >> 56 == 0xfd else {
            throw VmnetError(
                .invalidArgument, "\(prefix)/\(length) is not a unique local /64 prefix",
                hint: "use a prefix under fd00::/8 with its last 64 bits zero, and length 64")
        }
        self.prefix = prefix
    }

    /// Whether the address is the network's is found out when that is made.
    func reserve(_ address: IPv4Address, for client: MACAddress) throws(VmnetError) {
        guard !client.isMulticast, client != .zero else {
            throw VmnetError(
                .invalidArgument, "\(client) is no guest's address", hint: "its first octet has to be even")
        }
        reservations[client] = address
    }

    func add(_ rule: ForwardingRule) throws(VmnetError) {
        guard !rules.contains(where: { $0.has(protocolNumber: rule.protocolNumber, externalPort: rule.externalPort) })
        else {
            throw VmnetError(
                .invalidArgument, "port \(rule.externalPort) is forwarded twice", hint: "use another external port")
        }
        rules.append(rule)
    }

    private func notOfMode(_ what: String) -> VmnetError {
        VmnetError(.invalidArgument, "a network of mode \(mode.rawValue) has no use for \(what)", hint: "leave it out")
    }
}

/// Networks from it.
extension NetworkPlan {
    func makeNetwork() throws(VmnetError) -> SharedNetwork {
        let network = try SharedNetwork(configuration())
        for rule in rules { try network.add(rule) }
        return network
    }

    func configuration() throws(VmnetError) -> NetworkConfiguration {
        var options = NetworkOptions()
        try options.set(.mode, to: mode.rawValue)
        if let mtu { try options.set(.mtu, to: "\(mtu)") }
        var configuration = try NetworkConfiguration(options: options)
        configuration.addresses = range
        configuration.nat66Prefix = prefix
        configuration.reservations = try reservations.map { client, address throws(VmnetError) in
            try AddressReservation(macAddress: client, address: address)
        }
        configuration.translatesIPv4 = !omissions.contains(.nat44)
        configuration.translatesIPv6 = !omissions.contains(.nat66)
        configuration.servesDHCP = !omissions.contains(.dhcp)
        configuration.proxiesDNS = !omissions.contains(.dnsProxy)
        configuration.advertisesRouter = !omissions.contains(.routerAdvertisement)
        return configuration.completed()
    }
}

/// References that C programs hold.
extension NetworkPlan {
    /// What a reference leads to; nil for NULL.
    static func lent(_ reference: vmnet_network_configuration_ref?) -> NetworkPlan? {
        // Safety: every reference comes from `owned`, and whoever passes one holds it.
        unsafe reference.map { unsafe Unmanaged<NetworkPlan>.fromOpaque(UnsafeRawPointer($0)).takeUnretainedValue() }
    }

    /// A reference that whoever gets it gives back.
    var owned: OpaquePointer { unsafe OpaquePointer(Unmanaged.passRetained(self).toOpaque()) }
}
