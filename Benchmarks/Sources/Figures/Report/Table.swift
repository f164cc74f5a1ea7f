/// A measurement as a table: a row for each path, a column for each kind of figure.
package struct Table: Equatable, Sendable {
    package let header: [String]
    /// The first word of each row is the path's title.
    package let rows: [[String]]

    package init(of measurement: MeasurementResult, in results: Results) {
        header = ["path"] + measurement.columns.map { "\($0.title), \($0.unit)" }
        rows = results.paths.compactMap { path in
            guard let row = measurement.rows.first(where: { $0.path == path.id }) else { return nil }
            let cells = measurement.columns.map { row.cells[$0.id]?.text(decimals: $0.decimals) ?? "–" }
            // The same failure in every column is said once.
            if Set(cells).count == 1, let first = cells.first, first.hasPrefix("failed") {
                return [path.title, first] + cells.dropFirst().map { _ in "" }
            }
            return [path.title] + cells
        }
    }

    /// GitHub's form of Markdown.
    package var markdown: String {
        let line = { (cells: [String]) in "| " + cells.map(Self.escaped).joined(separator: " | ") + " |" }
        let rule = "|" + header.indices.map { $0 == 0 ? "---|" : "---:|" }.joined()
        return ([line(header), rule] + rows.map(line)).joined(separator: "\n")
    }

    private static func escaped(_ text: String) -> String {
        text.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
    }
}
