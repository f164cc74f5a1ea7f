/// Reads JSON (RFC 8259) that another process has sent. Nothing in it can make the reader trap, or take more than a few
/// times its own size.
struct JSONReader {
    /// A document of ours has two levels (section 9 lets a reader set such a limit).
    private static let deepest = 32

    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The value that all of the bytes are.
    mutating func readAll() throws(JSONError) -> JSONValue {
        let value = try readValue(depth: 0)
        skipSpace()
        guard position == bytes.count else { throw JSONError() }
        return value
    }

    private mutating func readValue(depth: Int) throws(JSONError) -> JSONValue {
        guard depth < Self.deepest else { throw JSONError() }
        skipSpace()
        switch next {
        case UInt8(ascii: "{"): return .object(try readObject(depth: depth))
        case UInt8(ascii: "["): return .list(try readList(depth: depth))
        case UInt8(ascii: "\""): return .text(try readText())
        case UInt8(ascii: "t"): return try read("true", as: .flag(true))
        case UInt8(ascii: "f"): return try read("false", as: .flag(false))
        case UInt8(ascii: "n"): return try read("null", as: .null)
        default: return try readNumber()
        }
    }

    /// Of members with one name the last counts.
    private mutating func readObject(depth: Int) throws(JSONError) -> JSONObject {
        var members: [String: JSONValue] = [:]
        position += 1
        skipSpace()
        if take("}") { return JSONObject(members: members) }
        while true {
            skipSpace()
            let name = try readText()
            skipSpace()
            guard take(":") else { throw JSONError() }
            members[name] = try readValue(depth: depth + 1)
            skipSpace()
            if take("}") { return JSONObject(members: members) }
            guard take(",") else { throw JSONError() }
        }
    }

    private mutating func readList(depth: Int) throws(JSONError) -> [JSONValue] {
        var values: [JSONValue] = []
        position += 1
        skipSpace()
        if take("]") { return values }
        while true {
            values.append(try readValue(depth: depth + 1))
            skipSpace()
            if take("]") { return values }
            guard take(",") else { throw JSONError() }
        }
    }

    private mutating func read(_ word: StaticString, as value: JSONValue) throws(JSONError) -> JSONValue {
        guard bytes[position...].starts(with: "\(word)".utf8) else { throw JSONError() }
        position += word.utf8CodeUnitCount
        return value
    }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || (0x09...0x0a).contains(byte) || byte == 0x0d { position += 1 }
    }
}

// MARK: - Numbers

extension JSONReader {
    private mutating func readNumber() throws(JSONError) -> JSONValue {
        let start = position
        _ = take("-")
        if !take("0") { try skipDigits() }
        if take(".") { try skipDigits() }
        if take("e") || take("E") {
            if !take("-") { _ = take("+") }
            try skipDigits()
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        return Int(text).map { .number($0) } ?? .otherNumber(text)
    }

    /// At least one.
    private mutating func skipDigits() throws(JSONError) {
        let start = position
        while let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
        guard position > start else { throw JSONError() }
    }
}

// MARK: - Texts

extension JSONReader {
    private mutating func readText() throws(JSONError) -> String {
        guard take("\"") else { throw JSONError() }
        var text: [UInt8] = []
        while let byte = next {
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = String(validating: text, as: UTF8.self) else { throw JSONError() }
                return text
            case UInt8(ascii: "\\"): text += try readEscape()
            case ..<0x20: throw JSONError()
            default: text.append(byte)
            }
        }
        throw JSONError()
    }

    private mutating func readEscape() throws(JSONError) -> [UInt8] {
        guard let byte = next else { throw JSONError() }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0c]
        case UInt8(ascii: "n"): return [0x0a]
        case UInt8(ascii: "r"): return [0x0d]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "u"): return Array(String(try readScalar()).utf8)
        default: throw JSONError()
        }
    }

    /// What follows `\u`: a scalar, or the two halves of one beyond 16 bits.
    private mutating func readScalar() throws(JSONError) -> Unicode.Scalar {
        let first = try readHexadecimal()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard (0xd800..<0xdc00).contains(first), take("\\"), take("u") else { throw JSONError() }
        let second = try readHexadecimal()
        guard (0xdc00..<0xe000).contains(second),
            let scalar = Unicode.Scalar(0x10000 + (first - 0xd800) << 10 + (second - 0xdc00))
        else { throw JSONError() }
        return scalar
    }

    private mutating func readHexadecimal() throws(JSONError) -> UInt32 {
        guard bytes.count - position >= 4 else { throw JSONError() }
        let digits = bytes[position..<(position + 4)]
        position += 4
        var value: UInt32 = 0
        for digit in digits {
            guard let digit = Character(Unicode.Scalar(digit)).hexDigitValue else { throw JSONError() }
            value = value << 4 | UInt32(digit)
        }
        return value
    }
}
