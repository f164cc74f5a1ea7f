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
        let subnet = try HostAddress.subnet(of: start, mask, option: .subnetMask)
        try HostAddress.check(start, of: .startAddress, in: subnet)
        try HostAddress.check(end, of: .endAddress, in: subnet)
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

    /// The gateway with its network.
    public var host: HostAddress { HostAddress(address: start, subnet: subnet) }
}
