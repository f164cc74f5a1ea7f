extension Cell {
    /// For a table: the median, the spread when there is one, or why there is nothing.
    package func text(decimals: Int) -> String {
        guard let spread else { return failure.map { "failed: \($0)" } ?? "–" }
        let median = Number.text(spread.median, decimals: decimals)
        guard samples.count > 1 else { return median }
        let least = Number.text(spread.least, decimals: decimals)
        let most = Number.text(spread.most, decimals: decimals)
        return "\(median) (\(least)–\(most))"
    }
}
