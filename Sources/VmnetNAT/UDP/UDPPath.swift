import VmnetSystem
import VmnetWire

/// What a guest's UDP port talks to. Each kind has a host socket of its own.
enum UDPPath: UInt8, Sendable {
    /// Hosts beyond the gateway, by their own addresses.
    case outside
    /// The host itself at the gateway's address: its loopback interface.
    case gateway
    /// The host's resolver, at port 53 of the gateway's IPv4 address or of the IPv6 resolver's.
    case resolver
    /// Whoever sends to the guest's port through a forward.
    case forward
}

extension UDPPath {
    /// What a flow remembers of a peer: its address, but on the host's loopback interface, which everybody on the host
    /// shares, its port. Else any local program could answer, and other guests, isolated ones too, by their own sockets
    /// there.
    @inline(__always)
    func identity(of peer: InternetEndpoint) -> IPv6Address {
        self == .gateway ? IPv6Address(high: 0, low: UInt64(peer.port)) : peer.address
    }
}

/// The gateway's own addresses as the guest knows them.
struct UDPAddresses: Sendable {
    let gateway: IPv6Address
    /// nil without IPv6.
    let addresses6: GatewayAddresses6?

    init(_ configuration: NATConfiguration) {
        gateway = IPv6Address(mapping: configuration.gatewayAddress)
        addresses6 = configuration.nat66Prefix.map(GatewayAddresses6.init(prefix:))
    }

    /// What a packet that the filter has passed is for. The edit is the filter's mark on IPv4 queries.
    @inline(__always)
    func path(of flow: GuestFlow) -> UDPPath {
        if flow.edits.contains(.resolver) { return .resolver }
        guard let addresses6, flow.destination.high == addresses6.prefix.high else {
            return flow.destination == gateway ? .gateway : .outside
        }
        return flow.destination == addresses6.resolver ? .resolver : .gateway
    }

    /// The address that the guest knows the gateway or the resolver by.
    func address(of path: UDPPath, isIPv4: Bool) -> IPv6Address? {
        if isIPv4 { return gateway }
        return path == .resolver ? addresses6?.resolver : addresses6?.gateway
    }
}

extension UDPPath {
    static let resolverPort: UInt16 = 53
}

extension IPv6Address {
    /// ::ffff:127.0.0.1, or ::1.
    static func loopback(isIPv4: Bool) -> IPv6Address { isIPv4 ? IPv6Address(mapping: .loopback) : .loopback }

    /// Whether it stands for an IPv4 address.
    @inline(__always)
    var isMapped: Bool { high == 0 && low >> 32 == 0xffff }
}

extension InternetEndpoint {
    @inline(__always)
    init(_ address: IPv6Address, _ port: UInt16) {
        self.init(high: address.high, low: address.low, port: port)
    }

    @inline(__always)
    var address: IPv6Address { IPv6Address(high: high, low: low) }
}
