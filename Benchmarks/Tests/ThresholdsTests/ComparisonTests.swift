import Testing
import Thresholds

@Suite struct ComparisonTests {
    private let thresholds = Thresholds(tolerancePercent: 5, instructions: ["frame": 1000])

    @Test(
        arguments: [
            (1000, .unchanged), (1050, .unchanged), (1051, .dearer), (950, .unchanged), (949, .cheaper),
        ] as [(Int, Comparison.Outcome)])
    func `a change within the tolerance is none`(count: Int, outcome: Comparison.Outcome) {
        #expect(Comparison.of(["frame": count], with: thresholds).map(\.outcome) == [outcome])
    }

    @Test func `a dearer workload fails the check, and the advice names it and the remedy`() throws {
        let comparison = try #require(Comparison.of(["frame": 2000], with: thresholds).first)
        #expect(comparison.isFailure)
        #expect(comparison.changePercent == 100)
        let advice = try #require(comparison.advice)
        #expect(advice.hasPrefix("frame has become dearer"))
        #expect(advice.contains("--update"))
    }

    @Test func `a cheaper one does not, but should be written down`() throws {
        let comparison = try #require(Comparison.of(["frame": 500], with: thresholds).first)
        #expect(!comparison.isFailure)
        #expect(comparison.advice?.contains("--update") == true)
    }

    @Test func `what is new or gone has to be written down`() {
        let comparisons = Comparison.of(["batch": 1], with: thresholds)
        #expect(comparisons.map(\.workload) == ["batch", "frame"])
        #expect(comparisons.map(\.outcome) == [.new, .gone])
        #expect(comparisons.map(\.isFailure) == [true, true])
    }

    @Test func `the table shows what was and what is`() {
        let text = ComparisonTable.text(Comparison.of(["frame": 1234, "batch": 7], with: thresholds))
        #expect(
            text == """
                workload  stored   now   change
                batch          -     7        -
                frame       1000  1234  +23.4 %
                """)
    }
}
