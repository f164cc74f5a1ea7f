/// One workload: what is written down, and what was counted now.
public struct Comparison: Equatable, Sendable {
    /// What came of the comparison.
    public enum Outcome: Equatable, Sendable {
        case unchanged
        /// Fewer instructions than the tolerance allows for: worth writing down, so that it stays so.
        case cheaper
        /// More of them: a regression.
        case dearer
        /// Nothing is written down for it.
        case new
        /// It is written down, and there is no such workload any more.
        case gone
    }

    /// Its name.
    public let workload: String
    /// Instructions of one operation that are written down.
    public let stored: Int?
    /// Instructions of one operation that were counted.
    public let now: Int?
    /// What that means.
    public let outcome: Outcome

    /// The change in per cent; nil where there is nothing to compare.
    public var changePercent: Double? {
        guard let stored, let now, stored > 0 else { return nil }
        return 100 * Double(now - stored) / Double(stored)
    }

    /// Whether the check fails for this workload.
    public var isFailure: Bool {
        switch outcome {
        case .dearer, .new, .gone: true
        case .unchanged, .cheaper: false
        }
    }

    /// Compares everything that is written down with everything that was counted, in order of the names.
    public static func of(_ counted: [String: Int], with thresholds: Thresholds) -> [Comparison] {
        Set(counted.keys).union(thresholds.instructions.keys).sorted().map { name in
            Comparison(
                name, stored: thresholds.instructions[name], now: counted[name],
                tolerancePercent: thresholds.tolerancePercent)
        }
    }

    private init(_ workload: String, stored: Int?, now: Int?, tolerancePercent: Double) {
        self.workload = workload
        self.stored = stored
        self.now = now
        outcome =
            switch (stored, now) {
            case (nil, _): .new
            case (_, nil): .gone
            case (let stored?, let now?):
                if Double(now) > Double(stored) * (1 + tolerancePercent / 100) {
                    .dearer
                } else if Double(now) < Double(stored) * (1 - tolerancePercent / 100) {
                    .cheaper
                } else {
                    .unchanged
                }
            }
    }
}

extension Comparison {
    /// What is wrong and what to do about it, as a sentence; nil when nothing is to be said.
    public var advice: String? {
        switch outcome {
        case .unchanged: nil
        case .cheaper: "\(workload) has become cheaper: Benchmarks/instructions --update writes that down"
        case .dearer:
            "\(workload) has become dearer: find out by what (callgrind_annotate of its profile, below), or write it "
                + "down with Benchmarks/instructions --update and say in the commit what it is good for"
        case .new: "\(workload) is not written down yet: Benchmarks/instructions --update"
        case .gone: "\(workload) is written down, but there is no such workload: Benchmarks/instructions --update"
        }
    }
}
