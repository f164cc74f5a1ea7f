/// What a column says about OpenVmnet beside its peers, in a sentence: the best of ours, the best of theirs.
package struct Finding: Equatable, Sendable {
    package let sentence: String

    /// Nil when one side has no figure.
    package init?(_ column: String, of measurement: MeasurementResult, in results: Results) {
        guard let facts = measurement.columns.first(where: { $0.id == column }) else { return nil }
        let best = { (role: String) -> (title: String, value: Double)? in
            results.paths.filter { $0.role == role }
                .compactMap { path in measurement.median(path.id, column).map { (path.title, $0) } }
                .max { facts.isHigherBetter ? $0.1 < $1.1 : $0.1 > $1.1 }
        }
        guard let ours = best("ours"), let theirs = best("peer") ?? best("limit"), theirs.value > 0 else { return nil }
        let figure = { (value: Double) in "\(Number.text(value, decimals: facts.decimals)) \(facts.unit)" }
        let ratio = Number.ratio(ours.value / theirs.value)
        sentence = """
            \(measurement.title), \(facts.title): \(ours.title) \(figure(ours.value)), \
            \(ratio) times the best other (\(theirs.title), \(figure(theirs.value))).
            """
    }
}
