import Glibc

/// One line of the report.
struct Figure {
    let name: String
    let value: String
    /// What the figure is to be; nil = for comparison.
    var target: String?

    var description: String {
        let line = name.padding(56) + value.padding(28)
        return target.map { line + "target: \($0)" } ?? line
    }

    /// With so many digits after the point.
    static func number(_ value: Double, _ digits: Int) -> String {
        let scale = pow(10, Double(digits))
        let rounded = Int((value * scale).rounded())
        guard digits > 0 else { return "\(rounded)" }
        let fraction = String(abs(rounded) % Int(scale))
        return "\(rounded / Int(scale))." + String(repeating: "0", count: digits - fraction.count) + fraction
    }
}

extension String {
    fileprivate func padding(_ count: Int) -> String {
        self + String(repeating: " ", count: max(1, count - self.count))
    }
}

extension Duration {
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}

/// The middle one.
func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
