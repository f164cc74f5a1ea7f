/// The name of a private network: a UUID (RFC 9562, section 4).
public struct NetworkIdentifier: Hashable, Sendable {
    /// Hexadecimal digits in upper case, with hyphens.
    private let text: String
}

extension NetworkIdentifier: LosslessStringConvertible {
    /// Thirty-two hexadecimal digits in either case, in groups of 8, 4, 4, 4 and 12; nil for anything else.
    public init?(_ description: String) {
        let groups = description.split(separator: "-", omittingEmptySubsequences: false)
        let isHexadecimal = groups.joined().utf8.allSatisfy { byte in
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20)
        }
        guard groups.map(\.utf8.count) == [8, 4, 4, 4, 12], isHexadecimal else { return nil }
        text = description.uppercased()
    }

    /// In upper case: `3C1F9D2E-5B7A-4E0C-9A41-0D8E6F7B2C35`.
    public var description: String { text }
}
