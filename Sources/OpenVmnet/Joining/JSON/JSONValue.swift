/// A JSON value (RFC 8259), as far as the documents of joining need it: they are few and flat, and their numbers are whole.
///
/// Foundation's coders would more than double the size of a library that has Swift's runtime in it.
package indirect enum JSONValue: Equatable, Sendable {
    case null
    case flag(Bool)
    case number(Int)
    /// A number that is not whole, or too large, as it is written; only keys that nobody knows have any.
    case otherNumber(String)
    case text(String)
    case list([JSONValue])
    case object(JSONObject)

    /// The value as it is sent: on one line, without spaces.
    var bytes: [UInt8] {
        switch self {
        case .null: Array("null".utf8)
        case .flag(let flag): Array("\(flag)".utf8)
        case .number(let number): Array("\(number)".utf8)
        case .otherNumber(let text): Array(text.utf8)
        case .text(let text): Self.quoted(text)
        case .list(let values): Array("[".utf8) + values.map(\.bytes).joined(separator: [0x2c]) + Array("]".utf8)
        case .object(let object): object.bytes
        }
    }

    /// In quotation marks, with what may not stand between them escaped (RFC 8259, section 7).
    static func quoted(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = [UInt8(ascii: "\"")]
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
            case ..<0x20: bytes += Array((byte < 16 ? "\\u000" : "\\u00").utf8) + Array(String(byte, radix: 16).utf8)
            default: bytes.append(byte)
            }
        }
        return bytes + [UInt8(ascii: "\"")]
    }
}
