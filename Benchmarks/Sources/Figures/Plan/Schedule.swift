/// What is still to be done, and how long that takes.
package struct Schedule: Sendable {
    /// One measurement with one path, once.
    package struct Visit: Equatable, Hashable, Sendable {
        package let measurement: String
        package let path: String
        /// From 1 on.
        package let round: Int

        package init(measurement: String, path: String, round: Int) {
            self.measurement = measurement
            self.path = path
            self.round = round
        }
    }

    /// A measurement to plan.
    package struct Item: Sendable {
        package let measurement: String
        package let paths: [String]
        package let rounds: Int
        /// Of one visit, as far as one can know before.
        package let expectedSeconds: Double

        package init(measurement: String, paths: [String], rounds: Int, expectedSeconds: Double) {
            self.measurement = measurement
            self.paths = paths
            self.rounds = rounds
            self.expectedSeconds = expectedSeconds
        }
    }

    /// Round by round over all paths, so that whatever else the machine does falls on all of them alike.
    package let visits: [Visit]
    private var expected: [String: Double]
    private var observed: [Visit: Double] = [:]
    package private(set) var doneCount = 0

    package init(_ items: [Item]) {
        visits = items.flatMap { item in
            (1...max(1, item.rounds)).flatMap { round in
                item.paths.map { Visit(measurement: item.measurement, path: $0, round: round) }
            }
        }
        expected = Dictionary(items.map { ($0.measurement, $0.expectedSeconds) }, uniquingKeysWith: { $1 })
    }

    /// The visit is over; how long it took tells how long the same will take in the next round.
    package mutating func finish(_ visit: Visit, seconds: Double) {
        observed[Self.anyRound(of: visit)] = seconds
        doneCount += 1
    }

    /// Of the visits that are not yet over.
    package var remainingSeconds: Double {
        visits.dropFirst(doneCount).reduce(0) { sum, visit in
            sum + (observed[Self.anyRound(of: visit)] ?? expected[visit.measurement] ?? 0)
        }
    }

    /// From 0 to 1, by time.
    package func doneShare(elapsedSeconds: Double) -> Double {
        let total = elapsedSeconds + remainingSeconds
        return total > 0 ? elapsedSeconds / total : 1
    }

    private static func anyRound(of visit: Visit) -> Visit {
        Visit(measurement: visit.measurement, path: visit.path, round: 0)
    }
}
