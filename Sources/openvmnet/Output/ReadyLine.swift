import FoundationEssentials
import OpenVmnet
import VmnetWire

/// What `serve` says once guests can attach: one line of JSON, with vmnet's own key names.
struct ReadyLine: Encodable {
    let network: Network
    let listen: [AttachmentPoint]
    /// The control socket's path.
    let control: String
    /// Of this run of the network.
    private let identifier = UUID().uuidString

    init(_ network: Network, listen: [AttachmentPoint], control: String) {
        self.network = network
        self.listen = listen
        self.control = control
    }

    private enum CodingKeys: String, CodingKey {
        case mode = "vmnet_operation_mode"
        case start = "vmnet_start_address"
        case end = "vmnet_end_address"
        case mask = "vmnet_subnet_mask"
        case mtu = "vmnet_mtu"
        case maximumPacketSize = "vmnet_max_packet_size"
        case identifier = "vmnet_interface_id"
        case nat66Prefix = "vmnet_nat66_prefix"
        case networkIdentifier = "vmnet_network_identifier"
        case hostAddress = "vmnet_host_ip_address"
        case hostMask = "vmnet_host_subnet_mask"
        case interfaceName = "vmnet_shared_interface_name"
        case name
        case listen
        case control
        case forwards
    }

    func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(network.mode.rawValue, forKey: .mode)
        try encodeAddresses(to: &values)
        let mtu = network.mtu
        try values.encodeIfPresent(network.interfaceName, forKey: .interfaceName)
        try values.encode(mtu, forKey: .mtu)
        try values.encode(mtu + 14, forKey: .maximumPacketSize)
        try values.encode(identifier, forKey: .identifier)
        try values.encodeIfPresent(network.nat66Prefix.map { "\($0)" }, forKey: .nat66Prefix)
        try values.encode(network.name, forKey: .name)
        try values.encode(listen.map(\.description), forKey: .listen)
        try values.encode(control, forKey: .control)
        // With the ports that they really have.
        try values.encode(network.forwards().map(\.forward.description), forKey: .forwards)
    }

    /// Neither a private nor a bridged network has a range of addresses; what a private one has are those keys that it was started with.
    private func encodeAddresses(to values: inout KeyedEncodingContainer<CodingKeys>) throws {
        if let addresses = network.addresses {
            try values.encode("\(addresses.start)", forKey: .start)
            try values.encode("\(addresses.end)", forKey: .end)
            try values.encode("\(addresses.subnet.mask)", forKey: .mask)
        }
        guard let identifier = network.identifier else { return }
        try values.encode("\(identifier)", forKey: .networkIdentifier)
        try values.encodeIfPresent(network.host.map { "\($0.address)" }, forKey: .hostAddress)
        try values.encodeIfPresent(network.host.map { "\($0.subnet.mask)" }, forKey: .hostMask)
    }
}
