/// IPv4 addresses, at least one, the preferred one first.
package enum DHCPAddressListOption: DHCPOptionKind {
    package static func value(of bytes: Span<UInt8>) -> [IPv4Address]? {
        guard bytes.count > 0, bytes.count % 4 == 0 else { return nil }
        return stride(from: 0, to: bytes.count, by: 4).map { IPv4Address(bits: bytes.be32(at: $0)) }
    }

    package static func bytes(of value: [IPv4Address]) -> [UInt8] {
        [UInt8](capacity: value.count * 4) { output in
            for address in value { output.append(be32: address.bits) }
        }
    }
}

extension DHCPOption where Kind == DHCPAddressListOption {
    /// RFC 2132, 3.5.
    package static var routers: Self { Self(.routers) }
    /// RFC 2132, 3.8.
    package static var domainNameServers: Self { Self(.domainNameServers) }
    /// NTP servers (RFC 2132, 8.3).
    package static var timeServers: Self { Self(.timeServers) }
    /// RFC 5859, section 4.
    package static var tftpServerAddresses: Self { Self(.tftpServerAddresses) }
}
