/// Domains in which a resolver completes names (RFC 3397).
///
/// Names are read with the compression that the RFC allows and written without: not every client follows pointers
/// across the pieces of a split option.
package enum DHCPDomainSearchOption: DHCPOptionKind {
    /// A resolver uses six at most; with compression, a few bytes could otherwise ask for megabytes of names.
    package static let maximumCount = 32

    /// Names beyond the 32nd are not read.
    package static func value(of bytes: Span<UInt8>) -> [DomainName]? {
        var names: [DomainName] = []
        var offset = 0
        while offset < bytes.count, names.count < maximumCount {
            guard let name = try? DomainName(parsing: bytes, at: &offset) else { return nil }
            names.append(name)
        }
        return names.isEmpty ? nil : names
    }

    package static func bytes(of value: [DomainName]) -> [UInt8] { value.flatMap(\.wireBytes) }
}

extension DHCPOption where Kind == DHCPDomainSearchOption {
    package static var domainSearch: Self { Self(.domainSearch) }
}
