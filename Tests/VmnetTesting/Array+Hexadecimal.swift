import VmnetWire

extension Array where Element == UInt8 {
    /// The bytes of a packet written out in hexadecimal, one header a line.
    ///
    /// Blanks between digits mean nothing, and neither does anything from `//` to the end of its line.
    ///
    /// ```
    /// let frame = [UInt8](
    ///     hex: """
    ///         ff ff ff ff ff ff  52 54 00 12 34 56  08 06  // Ethernet: broadcast, ARP
    ///         00 01  08 00  06 04  00 01                   // Ethernet, IPv4, request
    ///         """)
    /// ```
    ///
    /// Stops the process when the text is anything else, or has half a byte.
    package init(hex text: String) {
        var digits: [UInt8] = []
        for line in text.split(whereSeparator: \.isNewline) {
            let code = line.firstRange(of: "//").map { line[..<$0.lowerBound] } ?? line
            for character in code where !character.isWhitespace {
                guard let digit = character.hexDigitValue else { preconditionFailure("\(character) in \(line)") }
                digits.append(UInt8(digit))
            }
        }
        precondition(digits.count.isMultiple(of: 2), "half a byte at the end of \(text)")
        self = stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }

    /// The bytes in hexadecimal, separated by blanks: comparing these makes a failure readable.
    package var hex: String { hexadecimal(self, separator: " ") }
}
