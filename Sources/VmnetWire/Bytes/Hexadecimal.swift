/// Two lower-case hexadecimal digits an octet: `52:54:00`. The lease file has thousands of these, so it is built in one
/// piece.
package func hexadecimal(_ octets: [UInt8], separator: Character? = ":") -> String {
    var text: [UInt8] = []
    text.reserveCapacity(octets.count * 3)
    for octet in octets {
        if !text.isEmpty, let separator = separator?.asciiValue { text.append(separator) }
        text.append(digit(octet >> 4))
        text.append(digit(octet & 15))
    }
    return String(decoding: text, as: UTF8.self)
}

private func digit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
}
