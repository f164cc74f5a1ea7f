/// What came of one kind of figure for one path: samples, or why there are none, or both when some rounds failed.
package struct Cell: Codable, Equatable, Sendable {
    package var samples: [Double]
    /// The last failure's reason.
    package var failure: String?

    package init(samples: [Double] = [], failure: String? = nil) {
        self.samples = samples
        self.failure = failure
    }

    package var spread: Spread? { Spread(of: samples) }
}
