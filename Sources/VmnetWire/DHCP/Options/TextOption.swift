/// Text without terminating zero; some senders add one, which is not part of the value (RFC 2132, section 2).
package enum DHCPTextOption: DHCPOptionKind {
    /// Bytes that are not UTF-8 become U+FFFD.
    package static func value(of bytes: Span<UInt8>) -> String? {
        let text = Array(copying: bytes).prefix { $0 != 0 }
        return text.isEmpty ? nil : String(decoding: text, as: UTF8.self)
    }

    package static func bytes(of value: String) -> [UInt8] { Array(value.utf8) }
}

extension DHCPOption where Kind == DHCPTextOption {
    /// RFC 2132, 3.14.
    package static var hostName: Self { Self(.hostName) }
    /// RFC 2132, 3.17.
    package static var domainName: Self { Self(.domainName) }
    /// Why a server refuses (RFC 2132, 9.9).
    package static var message: Self { Self(.message) }
    /// RFC 2132, 9.13.
    package static var vendorClass: Self { Self(.vendorClass) }
    /// RFC 2132, 9.4.
    package static var tftpServerName: Self { Self(.tftpServerName) }
    /// RFC 2132, 9.5.
    package static var bootFileName: Self { Self(.bootFileName) }
    /// A POSIX TZ string, such as `CET-1CEST,M3.5.0,M10.5.0/3` (RFC 4833, section 2).
    package static var posixTimeZone: Self { Self(.posixTimeZone) }
    /// A name of the tz database, such as `Europe/Berlin` (RFC 4833, section 2).
    package static var timeZoneName: Self { Self(.timeZoneName) }
    /// A URI (RFC 8910, 2.1).
    package static var captivePortal: Self { Self(.captivePortal) }
    /// A URL of a proxy configuration (no RFC; Web Proxy Auto-Discovery draft, 4.4.1).
    package static var proxyAutoDiscovery: Self { Self(.proxyAutoDiscovery) }
}
