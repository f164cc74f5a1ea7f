/// One kind of figure that a measurement gives.
package struct Column: Codable, Equatable, Sendable {
    /// A word for the results: `up-1`.
    package let id: String
    /// For the reader: `up, 1 stream`.
    package let title: String
    package let unit: String
    package let isHigherBetter: Bool
    package let decimals: Int

    package init(_ id: String, _ title: String, unit: String, isHigherBetter: Bool, decimals: Int) {
        self.id = id
        self.title = title
        self.unit = unit
        self.isHigherBetter = isHigherBetter
        self.decimals = decimals
    }
}
