public import VmnetWire

/// The IPv4 addresses of a network: the first is the gateway, the others are the DHCP pool.
///
/// Addresses of the subnet outside the range are for static use.
public struct AddressRange: Equatable, Sendable {
    /// The gateway, which is also the host as guests see it.
    public let start: IPv4Address
    /// The last address of the pool.
    public let end: IPv4Address
    /// The network that holds both.
    public let subnet: IPv4Subnet

    /// Checks what vmnet checks: private addresses (RFC 1918), one subnet, the gateway below the pool.
    ///
    /// - Throws: `.invalidConfiguration`, naming the value and the option it belongs to.
    public init(start: IPv4Address, end: IPv4Address, mask: IPv4Address) throws(VmnetError) {
        guard let subnet = IPv4Subnet(containing: start, mask: mask) else {
            throw VmnetError(
                .invalidConfiguration, "'subnet-mask' \(mask) is not a mask: its ones are not contiguous",
                hint: "a network of 254 guests has 255.255.255.0")
        }
        guard (8...30).contains(subnet.prefixLength) else {
            throw VmnetError(
                .invalidConfiguration, "'subnet-mask' \(mask) leaves no room for a gateway and guests",
                hint: "use a mask between 255.0.0.0 and 255.255.255.252")
        }
        for (option, address) in [("start-address", start), ("end-address", end)] {
            try Self.check(address, of: option, in: subnet)
        }
        guard start < end else {
            throw VmnetError(
                .invalidConfiguration, "'end-address' \(end) is not above 'start-address' \(start)",
                hint: "start-address is the gateway; guests get the addresses after it, up to end-address")
        }
        self.start = start
        self.end = end
        self.subnet = subnet
    }

    /// The whole of `subnet`, its first address being the gateway; nil when it has fewer than two.
    public init?(filling subnet: IPv4Subnet) {
        let start = subnet.network.advanced(by: 1)
        let end = subnet.broadcast.advanced(by: -1)
        guard let range = try? AddressRange(start: start, end: end, mask: subnet.mask) else { return nil }
        self = range
    }

    private static func check(_ address: IPv4Address, of option: String, in subnet: IPv4Subnet) throws(VmnetError) {
        guard address.isPrivate else {
            throw VmnetError(
                .invalidConfiguration, "'\(option)' \(address) is not a private address",
                hint: "use 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16 (RFC 1918)")
        }
        guard subnet.contains(address) else {
            throw VmnetError(
                .invalidConfiguration, "'\(option)' \(address) is not in the subnet \(subnet)",
                hint: "start-address, end-address and subnet-mask must describe one subnet")
        }
        guard address != subnet.network, address != subnet.broadcast else {
            throw VmnetError(
                .invalidConfiguration,
                "'\(option)' \(address) is the \(address == subnet.network ? "network" : "broadcast") address of \(subnet)",
                hint: "use an address from \(subnet.network.advanced(by: 1)) to \(subnet.broadcast.advanced(by: -1))")
        }
    }
}
