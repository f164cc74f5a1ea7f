/// What a probe says: `name=value` words.
struct ProbeAnswer {
    private let values: [String: Double]

    /// Runs a probe in `guest` to its end.
    init(_ arguments: String..., in guest: Namespace, within seconds: Double) throws {
        self.init(parsing: try guest.start([Programs.probe] + arguments).finish(within: seconds))
    }

    init(parsing text: String) {
        let pairs = text.split(whereSeparator: \.isWhitespace).map { $0.split(separator: "=") }
        values = Dictionary(
            pairs.filter { $0.count == 2 }.compactMap { pair in Double(pair[1]).map { (String(pair[0]), $0) } },
            uniquingKeysWith: { $1 })
    }

    /// - Throws: `Failure` when the probe did not say.
    func value(_ name: String) throws -> Double {
        guard let value = values[name] else { throw Failure("the probe gave no \(name)") }
        return value
    }
}
