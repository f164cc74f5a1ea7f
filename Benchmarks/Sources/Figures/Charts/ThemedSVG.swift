/// A drawing of gnuplot's whose colours are variables, and whose type is the page's.
package struct ThemedSVG: Sendable {
    /// For a page that has `Palette.style`.
    package let inline: String

    package init(_ drawn: String) {
        var text = Substring(drawn)
        // What stands before the element: the XML declaration and a document type.
        if let start = text.firstRange(of: "<svg") { text = text[start.lowerBound...] }
        var result = String(text)
        for colour in Palette.allCases {
            let number = colour.drawn
            let parts = [number >> 16, number >> 8, number].map { $0 & 0xff }
            // Of lines and areas in three places each, of text without spaces.
            for drawn in [parts.map(padded).joined(separator: ", "), parts.map(String.init).joined(separator: ",")] {
                result = result.replacing("rgb(\(drawn))", with: "var(--\(colour.rawValue))")
            }
        }
        inline = result.replacing("font-family=\"sans-serif\"", with: "font-family=\"\(Self.type)\"")
    }

    /// A file that stands alone.
    package var standalone: String {
        guard let end = inline.firstIndex(of: ">") else { return inline }
        let after = inline.index(after: end)
        return "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n" + inline[..<after]
            + "<style>\(Palette.style)</style>" + inline[after...]
    }

    static let type = "Inter, system-ui, 'Segoe UI', Helvetica, Arial, sans-serif"
}

/// As gnuplot writes parts of colours: three places.
private func padded(_ part: UInt32) -> String {
    let digits = String(part)
    return String(repeating: " ", count: 3 - digits.count) + digits
}
