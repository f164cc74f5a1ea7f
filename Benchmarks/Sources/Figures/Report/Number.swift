/// Numbers for readers.
package enum Number {
    /// With so many decimals, and thousands set off: `12,345.6`.
    package static func text(_ value: Double, decimals: Int) -> String {
        let scale = (0..<max(0, decimals)).reduce(1.0) { product, _ in product * 10 }
        guard value.isFinite, abs(value) < 1e15 else { return "–" }
        let scaled = Int((abs(value) * scale).rounded())
        let whole = scaled / Int(scale)
        let part = scaled % Int(scale)
        let sign = value < 0 && scaled > 0 ? "-" : ""
        guard decimals > 0 else { return sign + grouped(whole) }
        let digits = String(part)
        return sign + grouped(whole) + "." + String(repeating: "0", count: decimals - digits.count) + digits
    }

    /// With so many decimals that there are two figures that count at least: for ratios.
    package static func ratio(_ value: Double) -> String { text(value, decimals: value < 10 ? 1 : 0) }

    private static func grouped(_ value: Int) -> String {
        var rest = Substring(String(value))
        var groups: [Substring] = []
        while !rest.isEmpty {
            groups.insert(rest.suffix(3), at: 0)
            rest = rest.dropLast(3)
        }
        return groups.joined(separator: ",")
    }
}
