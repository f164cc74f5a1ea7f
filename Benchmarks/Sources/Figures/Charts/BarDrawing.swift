/// Horizontal bars, for each path one a column. Limits are not drawn, they would dwarf the rest: a line below names them.
struct BarDrawing {
    let drawing: (height: Int, commands: [String])

    init?(_ figure: ReportSection.Figure, _ measurement: MeasurementResult, _ results: Results) {
        let columns = figure.columns.compactMap { id in measurement.columns.first { $0.id == id } }
        let omitsLimits = Self.omitsLimits(figure, of: results)
        let drawn = Self.present(figure, of: results).filter { !omitsLimits || $0.role != "limit" }
        guard !columns.isEmpty, !drawn.isEmpty else { return nil }
        var bars: [String] = []
        var spreads: [String] = []
        var most = 0.0
        for (row, path) in drawn.enumerated() {
            for (series, column) in columns.enumerated() {
                guard let spread = measurement.cell(path.id, column.id)?.spread else { continue }
                most = max(most, spread.most)
                let place = Double(row) + (Double(series) - Double(columns.count - 1) / 2) * 0.38
                let word = columns.count > 1 ? "  " + Self.direction(column) : ""
                let text = Number.text(spread.median, decimals: column.decimals) + word
                let colour = Palette.bar(path.role, series: series).code
                bars.append("\(place) \(spread.median) \(Chart.quoted(text)) \(colour) \(spread.most)")
                spreads.append("\(place) \(spread.least) \(spread.most)")
            }
        }
        let half = columns.count > 1 ? 0.17 : 0.3
        let titles = drawn.enumerated().map { "\(Chart.quoted($1.title)) \($0)" }.joined(separator: ", ")
        let height = drawn.count * (columns.count > 1 ? 44 : 28) + 20
        drawing = (
            height,
            [
                "$bars << EOD", bars.joined(separator: "\n"), "EOD", "$spreads << EOD",
                spreads.joined(separator: "\n"), "EOD", "set lmargin at screen 0.32",
                "set rmargin at screen 0.99", "set tmargin at screen 0.98", "set bmargin at screen 0.02", "unset xtics",
                "set ytics (\(titles))", "set yrange [\(Double(drawn.count) - 0.45):-0.55]",
                "set xrange [0:\(max(most, 1e-9) * 1.3)]",
                """
                plot $bars using (0):1:(0):2:($1-\(half)):($1+\(half)):4 with boxxyerror fs solid noborder lc rgb variable, \
                $spreads using 2:1:($3-$2):(0) with vectors nohead lw 1 lc rgb \(Palette.ink.code), \
                $bars using 5:1:3 with labels left offset 0.7,0 tc rgb \(Palette.ink.code)
                """,
            ]
        )
    }

    /// Where no peer can do it at all, the limit is what there is to compare with.
    static func omitsLimits(_ figure: ReportSection.Figure, of results: Results) -> Bool {
        guard case .ranges = figure.kind else { return present(figure, of: results).contains { $0.role == "peer" } }
        return false
    }

    /// The paths with a figure in any of the columns.
    private static func present(_ figure: ReportSection.Figure, of results: Results) -> [Results.PathFacts] {
        guard let measurement = results.measurement(figure.measurement) else { return [] }
        return results.paths.filter { path in figure.columns.contains { measurement.median(path.id, $0) != nil } }
    }

    /// `up` of `up, 8 streams`.
    private static func direction(_ column: Column) -> String {
        column.title.contains("down") ? "down" : column.title.contains("up") ? "up" : column.title
    }
}
