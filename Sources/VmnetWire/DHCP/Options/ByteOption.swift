/// A number of eight bits.
package enum DHCPByteOption: DHCPOptionKind {
    package static func value(of bytes: Span<UInt8>) -> UInt8? {
        bytes.count == 1 ? bytes[0] : nil
    }

    package static func bytes(of value: UInt8) -> [UInt8] { [value] }
}

extension DHCPOption where Kind == DHCPByteOption {
    /// Whether the client may choose a link-local address when it gets no other: 0 no, 1 yes (RFC 2563, section 2).
    package static var autoConfigure: Self { Self(.autoConfigure) }
}
