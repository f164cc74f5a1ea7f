/// One IPv4 address.
package enum DHCPAddressOption: DHCPOptionKind {
    package static func value(of bytes: Span<UInt8>) -> IPv4Address? {
        bytes.count == 4 ? IPv4Address(bits: bytes.be32(at: 0)) : nil
    }

    package static func bytes(of value: IPv4Address) -> [UInt8] {
        [UInt8](capacity: 4) { $0.append(be32: value.bits) }
    }
}

extension DHCPOption where Kind == DHCPAddressOption {
    /// RFC 2132, 3.3.
    package static var subnetMask: Self { Self(.subnetMask) }
    /// RFC 2132, 5.3.
    package static var broadcastAddress: Self { Self(.broadcastAddress) }
    /// RFC 2132, 9.1.
    package static var requestedAddress: Self { Self(.requestedAddress) }
    /// RFC 2132, 9.7.
    package static var serverIdentifier: Self { Self(.serverIdentifier) }
}
