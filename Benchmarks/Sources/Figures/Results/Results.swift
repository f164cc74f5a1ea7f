/// All that a run of the comparison gave: what `results.json` has.
package struct Results: Codable, Equatable, Sendable {
    /// Where it ran.
    package struct Machine: Codable, Equatable, Sendable {
        package let processor: String
        package let cores: Int
        package let kernel: String
        /// By which the kernel's TCP sends on either end, unless told otherwise: one that paces, such as BBR, sets a timer for
        /// each segment, which takes more of a fast path's speed than of a slow one's. nil: in results from before it was noted.
        package let congestionControl: String?
        /// Whether the stand-in for a virtual machine may write many frames with one system call. nil: in results from before
        /// it could.
        package let batchesWrites: Bool?
        /// ISO 8601, UTC.
        package let date: String
        /// Processes that were ready to run beside the comparison, on average over the minute before it: near zero on a
        /// quiet machine.
        package let loadBefore: Double

        package init(
            processor: String, cores: Int, kernel: String, congestionControl: String?, batchesWrites: Bool?,
            date: String, loadBefore: Double
        ) {
            self.processor = processor
            self.cores = cores
            self.kernel = kernel
            self.congestionControl = congestionControl
            self.batchesWrites = batchesWrites
            self.date = date
            self.loadBefore = loadBefore
        }
    }

    /// A way for packets to travel.
    package struct PathFacts: Codable, Equatable, Sendable {
        package let id: String
        package let title: String
        /// `ours`, `peer` or `limit`.
        package let role: String
        package let version: String
        /// Programs that were not installed: it was not measured.
        package let missing: [String]

        package init(id: String, title: String, role: String, version: String, missing: [String]) {
            self.id = id
            self.title = title
            self.role = role
            self.version = version
            self.missing = missing
        }
    }

    /// Raised when the meaning of a field changes.
    package static let currentSchema = 1

    package var schema = currentSchema
    package let machine: Machine
    package let rounds: Int
    /// How long it took.
    package var seconds: Double = 0
    package let paths: [PathFacts]
    package var measurements: [MeasurementResult] = []

    package init(machine: Machine, rounds: Int, paths: [PathFacts]) {
        self.machine = machine
        self.rounds = rounds
        self.paths = paths
    }

    /// The kernel that carried all of it.
    package var kernelPhrase: String {
        "Linux \(machine.kernel)" + (machine.congestionControl.map { " with TCP's \($0)" } ?? "")
    }

    /// What the figures are.
    package var roundsPhrase: String {
        rounds == 1
            ? "One round" : "Medians of \(rounds) interleaved rounds, with the least and the greatest in parentheses"
    }

    package func measurement(_ id: String) -> MeasurementResult? { measurements.first { $0.id == id } }
}
