/// An option of a network, under the name that QEMU's `-netdev vmnet-*` gives it.
public enum NetworkOption: String, CaseIterable, Sendable {
    /// shared, host or bridged.
    case mode
    /// The gateway; the DHCP pool begins after it.
    case startAddress = "start-address"
    /// The last address of the DHCP pool.
    case endAddress = "end-address"
    /// The mask of the subnet that holds both.
    case subnetMask = "subnet-mask"
    /// Whether guests exchange frames with the gateway only.
    case isolated
    /// A private network's identifier (host mode).
    case netUUID = "net-uuid"
    /// The host's own address in a private network.
    case hostIP = "host-ip"
    /// The mask of the subnet that it is in.
    case hostMask = "host-mask"
    /// The IPv6 prefix that guests get (shared mode).
    case nat66Prefix = "nat66-prefix"
    /// The host's interface to bridge to (bridged mode).
    case ifname
    /// The largest IP packet of the segment, in bytes.
    case mtu

    /// The names that QEMU's first vmnet patch gave the option.
    public var aliases: [String] {
        switch self {
        case .startAddress: ["dhcp-start-address", "dhcp_start_address"]
        case .endAddress: ["dhcp-end-address", "dhcp_end_address"]
        case .subnetMask: ["dhcp-subnet-mask", "dhcp_subnet_mask"]
        case .mode, .isolated, .netUUID, .hostIP, .hostMask, .nat66Prefix, .ifname, .mtu: []
        }
    }

    /// The option of that name or alias.
    public init?(name: some StringProtocol) {
        let name = String(name)
        guard let option = Self.allCases.first(where: { $0.rawValue == name || $0.aliases.contains(name) }) else {
            return nil
        }
        self = option
    }
}
