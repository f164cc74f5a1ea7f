/// What repeated measurements of one thing come to.
package struct Spread: Codable, Equatable, Sendable {
    package let median: Double
    package let least: Double
    package let most: Double

    /// Nil when there is no sample. The median of an even number is the mean of the middle two.
    package init?(of samples: [Double]) {
        let sorted = samples.sorted()
        guard let least = sorted.first, let most = sorted.last else { return nil }
        let middle = sorted.count / 2
        median = sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
        self.least = least
        self.most = most
    }
}
