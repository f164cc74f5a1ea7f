/// A client's full name, and who enters it into the DNS (RFC 4702).
///
/// ```
///  0        1        2        3
/// +--------+--------+--------+---- ...
/// | flags  | RCODE1 | RCODE2 | name: labels when E is set, ASCII otherwise
/// +--------+--------+--------+---- ...
/// ```
package enum DHCPClientFQDNOption: DHCPOptionKind {
    package static func value(of bytes: Span<UInt8>) -> DHCPClientFQDN? {
        guard bytes.count >= 3 else { return nil }
        let flags = DHCPClientFQDN.Flags(rawValue: bytes[0])
        let rest = bytes.extracting(droppingFirst: 3)
        guard flags.contains(.encoded) else {
            return DHCPClientFQDN(flags: flags, name: DHCPTextOption.value(of: rest) ?? "")
        }
        return name(ofLabels: rest).map { DHCPClientFQDN(flags: flags, name: $0) }
    }

    /// The two RCODEs are no longer used: 255 from a server, and ignored (RFC 4702, 2.2).
    package static func bytes(of value: DHCPClientFQDN) -> [UInt8] {
        let head: [UInt8] = [value.flags.rawValue, 255, 255]
        guard value.flags.contains(.encoded) else {
            return head + value.name.utf8.dropLast(value.name.hasSuffix(".") ? 1 : 0)
        }
        guard let name = DomainName(value.name) else { return head }
        return head + (value.name.hasSuffix(".") ? name.wireBytes[...] : name.wireBytes.dropLast())
    }

    /// Labels up to the root or the end of the bytes: a name without root is a partial one (RFC 4702, 2.3.1).
    private static func name(ofLabels bytes: Span<UInt8>) -> String? {
        if bytes.count == 0 { return "" }
        var closed = Array(copying: bytes)
        let isPartial = closed.last != 0
        if isPartial { closed.append(0) }
        var offset = 0
        guard let name = try? DomainName(parsing: closed.span, at: &offset), offset == closed.count else { return nil }
        return isPartial ? name.description : name.description + "."
    }
}

/// The value of option 81.
package struct DHCPClientFQDN: Equatable, Sendable {
    package struct Flags: OptionSet, Sendable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }
        /// S: the server enters, or is to enter, the address of the name.
        package static let serverUpdates = Flags(rawValue: 1)
        /// O: the server has overridden the client's S.
        package static let overridden = Flags(rawValue: 2)
        /// E: the name is in labels.
        package static let encoded = Flags(rawValue: 4)
        /// N: the server enters, or is to enter, nothing.
        package static let noUpdates = Flags(rawValue: 8)
    }

    package var flags: Flags
    /// Empty when the client leaves it to the server. In labels, a complete name has a final dot; ASCII cannot tell.
    package var name: String

    package init(flags: Flags, name: String) {
        self.flags = flags
        self.name = name
    }
}

extension DHCPOption where Kind == DHCPClientFQDNOption {
    package static var clientFQDN: Self { Self(.clientFQDN) }
}
