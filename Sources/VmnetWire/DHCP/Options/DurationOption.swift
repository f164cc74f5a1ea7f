/// A time in whole seconds, or for ever.
package enum DHCPDurationOption: DHCPOptionKind {
    package static func value(of bytes: Span<UInt8>) -> DHCPDuration? {
        bytes.count == 4 ? DHCPDuration(seconds: bytes.be32(at: 0)) : nil
    }

    package static func bytes(of value: DHCPDuration) -> [UInt8] {
        [UInt8](capacity: 4) { $0.append(be32: value.seconds) }
    }
}

/// Seconds, as the options count them.
package struct DHCPDuration: Hashable, Comparable, Sendable {
    package let seconds: UInt32

    package init(seconds: UInt32) {
        self.seconds = seconds
    }

    /// 0xffffffff (RFC 2131, 3.3).
    package static let infinite = DHCPDuration(seconds: .max)

    package var isInfinite: Bool { self == .infinite }

    package static func < (left: DHCPDuration, right: DHCPDuration) -> Bool { left.seconds < right.seconds }
}

extension DHCPOption where Kind == DHCPDurationOption {
    /// RFC 2132, 9.2.
    package static var leaseTime: Self { Self(.leaseTime) }
    /// T1 (RFC 2132, 9.11).
    package static var renewalTime: Self { Self(.renewalTime) }
    /// T2 (RFC 2132, 9.12).
    package static var rebindingTime: Self { Self(.rebindingTime) }
    /// How long a client that can do without IPv4 turns it off (RFC 8925, 3.4).
    package static var ipv6OnlyPreferred: Self { Self(.ipv6OnlyPreferred) }
}
