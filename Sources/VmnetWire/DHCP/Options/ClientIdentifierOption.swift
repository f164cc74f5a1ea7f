/// What a client wants to be known by instead of its hardware address.
package enum DHCPClientIdentifierOption: DHCPOptionKind {
    package static func value(of bytes: Span<UInt8>) -> DHCPClientIdentifier? {
        DHCPClientIdentifier(bytes: Array(copying: bytes))
    }

    package static func bytes(of value: DHCPClientIdentifier) -> [UInt8] { value.bytes }
}

extension DHCPOption where Kind == DHCPClientIdentifierOption {
    /// RFC 2132, 9.14.
    package static var clientIdentifier: Self { Self(.clientIdentifier) }
}

/// A type octet and at least one more: a hardware address after its ARP type (RFC 2132, 9.14), or 255, an interface
/// number and a DUID (RFC 4361, 6.1). It is compared, never interpreted.
package struct DHCPClientIdentifier: Hashable, Sendable {
    /// 2...255 bytes: the bound on what a guest can have us remember.
    package let bytes: [UInt8]

    package init?(bytes: [UInt8]) {
        guard (2...255).contains(bytes.count) else { return nil }
        self.bytes = bytes
    }

    /// The form that most clients send: ARP type 1 and the MAC address.
    package init(ethernet address: MACAddress) {
        bytes = [1] + address.octets
    }

    /// Whether it says no more than that the client is the owner of this address.
    package func isEthernet(_ address: MACAddress) -> Bool {
        bytes.count == 7 && bytes[0] == 1 && bytes.span.be48(at: 1) == address.bits
    }
}

extension DHCPClientIdentifier: LosslessStringConvertible {
    /// Two hexadecimal digits an octet, separated by colons: `01:52:54:00:12:34:56`.
    package init?(_ description: String) {
        var bytes: [UInt8] = []
        for part in description.split(separator: ":", maxSplits: 255, omittingEmptySubsequences: false) {
            guard part.utf8.count == 2, part.allSatisfy(\.isHexDigit), let byte = UInt8(part, radix: 16) else {
                return nil
            }
            bytes.append(byte)
        }
        self.init(bytes: bytes)
    }

    package var description: String { hexadecimal(bytes) }
}
