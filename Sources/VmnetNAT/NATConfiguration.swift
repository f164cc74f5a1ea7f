package import VmnetWire

/// What the NAT of one guest is like. All guests of a network have the same.
package struct NATConfiguration: Equatable, Sendable {
    /// The MTU that libslirp is given, whatever the guest's: it makes few large segments, which are cut where they leave
    /// the network.
    ///
    /// Larger ones do harm. libslirp's receive window is at most 65535 bytes, and it announces a larger one only when two
    /// segments more would fit: with segments over a third of that, a slow reader makes the guest wait for window probes.
    ///
    /// Of those that do not, this one carries 16 KiB over IPv4. libslirp gives a connection two buffers of 128 KiB and then
    /// grows them to a multiple of a segment; when they are one already they are not copied, and what is never used of
    /// them takes no memory. That is the difference between 10 and 200 KiB for each idle connection.
    package static let libraryMTU = 16384 + 40
    /// What libslirp puts in one segment at most, over either version of IP.
    static let librarySegmentSize: UInt16 = 16384 - 20
    /// What every IPv4 link carries (RFC 791, 3.2).
    static let minimumMTU = 68
    /// The least that a guest is taken to accept in one segment: what Linux takes for the least that anybody means.
    static let minimumSegmentSize = 88

    /// The gateway's address. To the guest it is router, DNS server and, when allowed, the host itself.
    package var gatewayAddress: IPv4Address
    /// The guest's network; holds `gatewayAddress`. At most a /30: its all-zeros address is used inside.
    package var subnet: IPv4Subnet
    /// The largest IP packet of the guest's network, in bytes.
    package var mtu: Int
    /// Whether the gateway's address leads to services on the host's loopback interface.
    package var allowsHostLoopback: Bool
    /// The IPv6 network of the guest: the first 64 bits count. nil: no IPv6.
    package var nat66Prefix: IPv6Address?
    package var limits: FlowLimits

    package init(
        gatewayAddress: IPv4Address, subnet: IPv4Subnet, mtu: Int = 1500, allowsHostLoopback: Bool = true,
        nat66Prefix: IPv6Address? = nil, limits: FlowLimits = FlowLimits()
    ) {
        self.gatewayAddress = gatewayAddress
        self.subnet = subnet
        self.mtu = mtu
        self.allowsHostLoopback = allowsHostLoopback
        self.nat66Prefix = nat66Prefix
        self.limits = limits
    }

    /// The most data that one TCP segment of at most `mtu` bytes carries.
    func maximumSegmentSize(isIPv4: Bool) -> UInt16 {
        let headers = (isIPv4 ? IPv4Header.byteCount : IPv6Header.byteCount) + TCPHeader.byteCount
        return UInt16(clamping: max(mtu - headers, Self.minimumSegmentSize))
    }

    /// What a guest's segments carry at most that has announced `announced`; nil: it has announced nothing.
    func segmentSize(announced: UInt16?, isIPv4: Bool) -> UInt16 {
        let wanted =
            announced ?? (isIPv4 ? MaximumSegmentSizeOption.defaultIPv4 : MaximumSegmentSizeOption.defaultIPv6)
        return min(max(wanted, UInt16(Self.minimumSegmentSize)), maximumSegmentSize(isIPv4: isIPv4))
    }

    /// Where a guest's packets may go.
    var policy: DestinationPolicy {
        DestinationPolicy(
            gateway: gatewayAddress, subnet: subnet, addresses6: nat66Prefix.map(GatewayAddresses6.init(prefix:)))
    }

    /// The address that stands for the host's resolver inside libslirp, which cannot use the gateway's for that.
    ///
    /// It must lie in the subnet, or answers over UDP come from the resolver's real address; the all-zeros address of
    /// the subnet is one that no guest has (RFC 1122, 3.2.1.3).
    var resolverAlias: IPv4Address { subnet.network }
}
