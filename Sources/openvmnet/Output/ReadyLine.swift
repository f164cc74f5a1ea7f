import FoundationEssentials
import OpenVmnet
import VmnetWire

/// What `serve` says once guests can attach: one line of JSON, with vmnet's own key names.
struct ReadyLine: Encodable {
    let network: Network
    let listen: [ListenAddress]
    /// The control socket's path.
    let control: String
    /// Of this run of the network.
    private let identifier = UUID().uuidString

    init(_ network: Network, listen: [ListenAddress], control: String) {
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
        case name
        case listen
        case control
        case forwards
    }

    func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(network.mode.rawValue, forKey: .mode)
        try values.encode("\(network.addresses.start)", forKey: .start)
        try values.encode("\(network.addresses.end)", forKey: .end)
        try values.encode("\(network.addresses.subnet.mask)", forKey: .mask)
        try values.encode(network.mtu, forKey: .mtu)
        try values.encode(network.mtu + 14, forKey: .maximumPacketSize)
        try values.encode(identifier, forKey: .identifier)
        try values.encodeIfPresent(network.nat66Prefix.map { "\($0)" }, forKey: .nat66Prefix)
        try values.encode(network.name, forKey: .name)
        try values.encode(listen.map(\.description), forKey: .listen)
        try values.encode(control, forKey: .control)
        // With the ports that they really have.
        try values.encode(network.forwards().map(\.forward.description), forKey: .forwards)
    }
}
