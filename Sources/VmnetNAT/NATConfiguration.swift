package import VmnetWire

/// What the NAT of one guest is like. All guests of a network have the same, but for `narrowsHostWindow`.
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
    /// Whether guests reach beyond the host by IPv4. Where they do not, nothing leaves but the
    /// answers to flows that were opened from the host's side.
    package var reachesOutside: Bool
    /// The same for IPv6.
    package var reachesOutside6: Bool
    /// Whether the gateway is a name server.
    package var offersResolver: Bool
    /// Whether guests are told by router advertisements what IPv6 network they are in.
    package var advertisesRouter: Bool
    /// The IPv6 network of the guest: the first 64 bits count. nil: no IPv6.
    package var nat66Prefix: IPv6Address?
    package var limits: FlowLimits
    /// Whether the data of connections passes libslirp by: see `TCPRelay`.
    package var relaysConnections: Bool
    /// Whether services of the host are kept close behind what is read from them (`InternetSocket.narrowWindow`). Then they
    /// send from within the read that makes room, on the network's thread: good where the guest's is the busier one, because
    /// it takes segments one by one, and bad where the network's is.
    package var narrowsHostWindow: Bool

    package init(
        gatewayAddress: IPv4Address, subnet: IPv4Subnet, mtu: Int = 1500, allowsHostLoopback: Bool = true,
        reachesOutside: Bool = true, reachesOutside6: Bool? = nil, offersResolver: Bool? = nil,
        advertisesRouter: Bool = true, nat66Prefix: IPv6Address? = nil, limits: FlowLimits = FlowLimits(),
        relaysConnections: Bool = true, narrowsHostWindow: Bool = false
    ) {
        self.gatewayAddress = gatewayAddress
        self.subnet = subnet
        self.mtu = mtu
        self.allowsHostLoopback = allowsHostLoopback
        self.reachesOutside = reachesOutside
        self.reachesOutside6 = reachesOutside6 ?? reachesOutside
        self.offersResolver = offersResolver ?? reachesOutside
        self.advertisesRouter = advertisesRouter
        self.nat66Prefix = nat66Prefix
        self.limits = limits
        self.relaysConnections = relaysConnections
        self.narrowsHostWindow = narrowsHostWindow
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
            gateway: gatewayAddress, subnet: subnet, addresses6: nat66Prefix.map(GatewayAddresses6.init(prefix:)),
            reachesOutside: reachesOutside, reachesOutside6: reachesOutside6, offersResolver: offersResolver)
    }

    /// The address that stands for the host's resolver inside libslirp, which cannot use the gateway's for that.
    ///
    /// It must lie in the subnet, or answers over UDP come from the resolver's real address; the all-zeros address of
    /// the subnet is one that no guest has (RFC 1122, 3.2.1.3).
    var resolverAlias: IPv4Address { subnet.network }
}
