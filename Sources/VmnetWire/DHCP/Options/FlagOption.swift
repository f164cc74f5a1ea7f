/// An option that says something by being there; it has no bytes.
package enum DHCPFlagOption: DHCPOptionKind {
    package static func value(of bytes: Span<UInt8>) -> Bool? {
        bytes.count == 0 ? true : nil
    }

    /// Set the option to nil, not to false, to leave it out.
    package static func bytes(of value: Bool) -> [UInt8] { [] }
}

extension DHCPOption where Kind == DHCPFlagOption {
    /// RFC 4039, section 4.
    package static var rapidCommit: Self { Self(.rapidCommit) }
}
