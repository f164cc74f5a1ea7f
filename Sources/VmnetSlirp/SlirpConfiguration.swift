package import VmnetWire

/// What the NAT of one guest is like. All guests of a network have the same.
package struct SlirpConfiguration: Equatable, Sendable {
    /// The largest MTU libslirp can be given without harm. Its receive window is at most 65535 bytes, and it announces
    /// a larger one only when two segments more would fit: with segments over a third of that, a slow reader makes the
    /// guest wait for window probes.
    package static let maximumMTU = 21880
    /// What every IPv4 link carries (RFC 791, 3.2), rounded up to what DNS needs (RFC 1035, 4.2.1).
    package static let minimumMTU = 576

    /// The gateway's address. To the guest it is router, DNS server and, when allowed, the host itself.
    package var gatewayAddress: IPv4Address
    /// The guest's network; holds `gatewayAddress`. At most a /30: its all-zeros address is used inside.
    package var subnet: IPv4Subnet
    /// The largest IP packet sent to the guest, in bytes; taken as the nearest value libslirp can work with.
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

    /// `mtu` as libslirp gets it.
    var effectiveMTU: Int { min(max(mtu, Self.minimumMTU), Self.maximumMTU) }

    /// The address that stands for the host's resolver inside libslirp, which cannot use the gateway's for that.
    ///
    /// It must lie in the subnet, or answers over UDP come from the resolver's real address; the all-zeros address of
    /// the subnet is one that no guest has (RFC 1122, 3.2.1.3).
    var resolverAlias: IPv4Address { subnet.network }
}
