/// Prometheus' text format, version 0.0.4: a family of samples after the other, each with its HELP and TYPE.
struct MetricsText {
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    enum Kind: String {
        case counter
        case gauge
    }

    /// One value, and the labels that tell it from the others of its family.
    struct Sample {
        let labels: [(name: String, value: String)]
        let value: String

        init(_ value: some BinaryInteger, _ labels: [(name: String, value: String)]) {
            self.labels = labels
            self.value = "\(value)"
        }
    }

    private(set) var text = ""

    /// Adds a family.
    ///
    /// - Parameter name: ends with `_total` for a counter, and with the base unit where there is one.
    mutating func add(_ name: String, _ kind: Kind, _ help: String, _ samples: [Sample]) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
        for sample in samples {
            let labels = sample.labels.map { "\($0.name)=\"\(Self.escape($0.value))\"" }.joined(separator: ",")
            text += "\(name){\(labels)} \(sample.value)\n"
        }
    }

    /// A label's value: backslash, quote and line feed are written with a backslash.
    static func escape(_ value: String) -> String {
        var escaped = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\"": escaped += "\\\""
            case "\n": escaped += "\\n"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
