/// A host name that is safe in a file, in a log and in the DNS: one label of letters, digits and hyphens
/// (RFC 1123, 2.1), 1...63 bytes, with a hyphen neither first nor last.
package struct HostName: Hashable, Sendable {
    package let text: String

    /// The first label of what a guest calls itself. Underscores and blanks become hyphens, every other byte that
    /// does not belong is left out; nil when nothing remains.
    package init?(sanitizing name: String) {
        // A guest may send kilobytes: no more than a domain name can hold is looked at.
        let first = name.utf8.prefix(255).split(separator: UInt8(ascii: "."), maxSplits: 1).first ?? "".utf8[...]
        var label: [UInt8] = []
        for byte in first {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                label.append(byte)
            case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: " "):
                if !label.isEmpty { label.append(UInt8(ascii: "-")) }
            default: break
            }
        }
        label = Array(label.prefix(63))
        while label.last == UInt8(ascii: "-") { label.removeLast() }
        guard !label.isEmpty else { return nil }
        text = String(decoding: label, as: UTF8.self)
    }
}

extension HostName: CustomStringConvertible {
    package var description: String { text }
}
