/// Values in words, a line for each that a collection has.
extension XPCObject: CustomStringConvertible {
    var description: String { description(indentation: "") }

    private func description(indentation: String) -> String {
        switch content {
        case .null: "null"
        case .bool(let value): "bool \(value)"
        case .int64(let value): "int64 \(value)"
        case .uint64(let value): "uint64 \(value)"
        case .string: "string \"\(text ?? "")\""
        case .uuid(let bytes): "uuid \(Self.uuidText(bytes))"
        case .data(let bytes): "data of \(bytes.count) bytes"
        case .array(let values): Self.list("array", values.map { ("", $0) }, indentation)
        case .dictionary(let pairs): Self.list("dictionary", pairs.map { (Self.label($0.key), $0.value) }, indentation)
        }
    }

    private static func label(_ key: XPCBytes) -> String {
        // Safety: a C string that the pair holds.
        "\"\(unsafe String(cString: key.string))\" => "
    }

    private static func list(_ type: String, _ items: [(String, XPCObject)], _ indentation: String) -> String {
        let deeper = indentation + "    "
        let lines = items.map { label, value in "\(deeper)\(label)\(value.description(indentation: deeper))\n" }
        return "\(type) of \(items.count) {\n\(lines.joined())\(indentation)}"
    }

    /// Capital letters, `8-4-4-4-12` digits.
    private static func uuidText(_ bytes: XPCBytes) -> String {
        // Safety: a uuid has 16 bytes.
        let digits = (0..<16).map { index in
            let byte = unsafe bytes.bytes[index]
            return (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }
        let groups = [digits[0..<4], digits[4..<6], digits[6..<8], digits[8..<10], digits[10..<16]]
        return groups.map { $0.joined() }.joined(separator: "-")
    }
}
