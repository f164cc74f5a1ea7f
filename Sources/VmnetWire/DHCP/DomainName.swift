/// A domain name as the DNS writes it (RFC 1035, 3.1): labels of 1...63 bytes, at most 255 bytes in all.
package struct DomainName: Hashable, Sendable {
    /// Each label behind its length, and the root's zero; never compressed.
    package let wireBytes: [UInt8]

    /// `example.org`, with or without the final dot. nil for the root, an empty or overlong label, or a byte that is
    /// not a visible ASCII character.
    package init?(_ text: String) {
        let labels = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        var wireBytes: [UInt8] = []
        for label in labels.last?.isEmpty == true ? labels.dropLast() : labels[...] {
            guard (1...63).contains(label.count), label.allSatisfy(Self.isPlain) else { return nil }
            wireBytes.append(UInt8(label.count))
            wireBytes += label
        }
        guard !wireBytes.isEmpty, wireBytes.count < 255 else { return nil }
        self.wireBytes = wireBytes + [0]
    }

    /// Reads the name at `offset` and moves `offset` behind it. A pointer (RFC 1035, 4.1.4) has to point to before
    /// itself and before every earlier one, so that following them ends.
    package init(parsing bytes: Span<UInt8>, at offset: inout Int) throws(WireError) {
        var wireBytes: [UInt8] = []
        var position = offset
        var bound = bytes.count
        var end: Int?
        while true {
            guard position < bytes.count else { throw .truncated }
            let length = Int(bytes[position])
            switch length {
            case 0:
                guard !wireBytes.isEmpty else { throw .malformed }
                self.wireBytes = wireBytes + [0]
                offset = end ?? position + 1
                return
            case 1...63:
                guard length < bytes.count - position else { throw .truncated }
                guard wireBytes.count + length + 2 <= 255 else { throw .malformed }
                for index in position + 1...position + length {
                    guard Self.isPlain(bytes[index]) else { throw .malformed }
                }
                for index in position...position + length { wireBytes.append(bytes[index]) }
                position += 1 + length
            case 192...:
                guard position + 1 < bytes.count else { throw .truncated }
                let target = (length & 63) << 8 | Int(bytes[position + 1])
                guard target < min(position, bound) else { throw .malformed }
                end = end ?? position + 2
                bound = target
                position = target
            default: throw .malformed
            }
        }
    }

    /// Visible ASCII except the dot: what a label can hold and a text can show.
    private static func isPlain(_ byte: UInt8) -> Bool {
        (0x21...0x7e).contains(byte) && byte != UInt8(ascii: ".")
    }
}

extension DomainName: CustomStringConvertible {
    /// Without the final dot.
    package var description: String {
        var text = ""
        var rest = wireBytes.dropLast()
        while let length = rest.first {
            if !text.isEmpty { text += "." }
            text += String(decoding: rest.dropFirst().prefix(Int(length)), as: UTF8.self)
            rest = rest.dropFirst(1 + Int(length))
        }
        return text
    }
}
