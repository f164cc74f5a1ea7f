public import VmnetWire

/// The host as guests see it: its address in their network.
public struct HostAddress: Equatable, Sendable {
    /// The address, which is also the gateway's where there is one.
    public let address: IPv4Address
    /// The network that it is in.
    public let subnet: IPv4Subnet

    init(address: IPv4Address, subnet: IPv4Subnet) {
        self.address = address
        self.subnet = subnet
    }

    /// Checks the address that the host is to have in a private network.
    ///
    /// - Throws: `.invalidConfiguration`, naming the value and the option it belongs to.
    public init(address: IPv4Address, mask: IPv4Address) throws(VmnetError) {
        let subnet = try Self.subnet(of: address, mask, option: .hostMask)
        try Self.check(address, of: .hostIP, in: subnet)
        self.init(address: address, subnet: subnet)
    }

    /// The subnet of `mask` that holds `address`, and has room for a host and guests.
    static func subnet(
        of address: IPv4Address, _ mask: IPv4Address, option: NetworkOption
    ) throws(VmnetError) -> IPv4Subnet {
        guard let subnet = IPv4Subnet(containing: address, mask: mask) else {
            throw VmnetError(
                .invalidConfiguration, "'\(option.rawValue)' \(mask) is not a mask: its ones are not contiguous",
                hint: "a network of 254 guests has 255.255.255.0")
        }
        guard (8...30).contains(subnet.prefixLength) else {
            throw VmnetError(
                .invalidConfiguration, "'\(option.rawValue)' \(mask) leaves no room for a gateway and guests",
                hint: "use a mask between 255.0.0.0 and 255.255.255.252")
        }
        return subnet
    }

    /// Checks what vmnet checks of an address: it is private (RFC 1918), and one that a host of the subnet can have.
    static func check(
        _ address: IPv4Address, of option: NetworkOption, in subnet: IPv4Subnet
    ) throws(VmnetError) {
        guard address.isPrivate else {
            throw VmnetError(
                .invalidConfiguration, "'\(option.rawValue)' \(address) is not a private address",
                hint: "use 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16 (RFC 1918)")
        }
        guard subnet.contains(address) else {
            throw VmnetError(
                .invalidConfiguration, "'\(option.rawValue)' \(address) is not in the subnet \(subnet)",
                hint: "start-address, end-address and subnet-mask must describe one subnet")
        }
        guard address != subnet.network, address != subnet.broadcast else {
            let kind = address == subnet.network ? "network" : "broadcast"
            throw VmnetError(
                .invalidConfiguration, "'\(option.rawValue)' \(address) is the \(kind) address of \(subnet)",
                hint: "use an address from \(subnet.network.advanced(by: 1)) to \(subnet.broadcast.advanced(by: -1))")
        }
    }
}
