/// The protocol number of an IPv4 header or the next header of an IPv6 one. Unknown values are kept.
@usableFromInline
package struct IPProtocol: RawRepresentable, Hashable, Sendable {
    @usableFromInline package let rawValue: UInt8

    @inlinable
    package init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    @inlinable package static var icmp: IPProtocol { IPProtocol(rawValue: 1) }
    @inlinable package static var tcp: IPProtocol { IPProtocol(rawValue: 6) }
    @inlinable package static var udp: IPProtocol { IPProtocol(rawValue: 17) }
    @inlinable package static var ipv6Fragment: IPProtocol { IPProtocol(rawValue: 44) }
    @inlinable package static var icmpv6: IPProtocol { IPProtocol(rawValue: 58) }

    /// Whether its flows are told apart by ports: TCP's and UDP's.
    @inlinable package var hasPorts: Bool { self == .tcp || self == .udp }

    /// Written out because a derived one is not inlined.
    @inlinable
    package static func == (left: IPProtocol, right: IPProtocol) -> Bool { left.rawValue == right.rawValue }
}
