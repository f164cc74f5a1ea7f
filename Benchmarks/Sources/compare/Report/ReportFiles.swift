import Figures
import Foundation

/// The files of a report.
struct ReportFiles {
    let files: [(name: String, text: String)]

    /// Charts that cannot be drawn are left out: the tables have all figures.
    init(of results: Results) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        var charts: [String: ThemedSVG] = [:]
        for figure in ReportSection.all.flatMap(\.figures) {
            guard let chart = Chart(figure, of: results) else { continue }
            charts[figure.title] = try Gnuplot.draw(chart)
        }
        files = [
            ("results.json", String(decoding: try encoder.encode(results), as: UTF8.self) + "\n"),
            ("results.md", MarkdownReport(of: results).text),
            ("results.html", HTMLReport(of: results, charts: charts).text),
            ("headline.svg", charts[ReportSection.headline.title]?.standalone ?? ""),
        ]
    }
}
