import Foundation
import Testing

@testable import Figures

@Suite struct ReportTests {
    @Test func `results are the same after they were written and read`() throws {
        let data = try JSONEncoder().encode(Sample.results)
        #expect(try JSONDecoder().decode(Results.self, from: data) == Sample.results)
    }

    @Test func `a program that is not installed is named`() {
        #expect(MarkdownReport(of: Sample.results).text.contains("| Absent | not installed: absent |"))
    }

    @Test func `what programs say about themselves is text on the page, not markup`() {
        let page = HTMLReport(of: Sample.results, charts: [:]).text
        #expect(page.contains("Ours &lt;TAP&gt;"))
        #expect(!page.contains("<TAP>"))
    }

    @Test func `every figure and finding of the report is about a measurement of its section or one before`() {
        var known: Set<String> = []
        for section in ReportSection.all {
            known.formUnion(section.measurements)
            #expect(section.figures.allSatisfy { known.contains($0.measurement) })
            #expect(section.findings.allSatisfy { known.contains($0.measurement) })
        }
    }
}
