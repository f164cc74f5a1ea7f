/// A number of sixteen bits.
package enum DHCPInteger16Option: DHCPOptionKind {
    package static func value(of bytes: Span<UInt8>) -> UInt16? {
        bytes.count == 2 ? bytes.be16(at: 0) : nil
    }

    package static func bytes(of value: UInt16) -> [UInt8] {
        [UInt8](capacity: 2) { $0.append(be16: value) }
    }
}

extension DHCPOption where Kind == DHCPInteger16Option {
    /// Bytes of an IP packet (RFC 2132, 5.1).
    package static var interfaceMTU: Self { Self(.interfaceMTU) }
    /// Bytes of the IP datagram that carries the message, at least 576 (RFC 2132, 9.10).
    package static var maximumMessageSize: Self { Self(.maximumMessageSize) }
}
