/// For each path a line from one value to another, with the first one marked: median to 99th percentile. Logarithmic.
struct RangeDrawing {
    let drawing: (height: Int, commands: [String])

    init?(_ figure: ReportSection.Figure, _ measurement: MeasurementResult, _ results: Results) {
        guard figure.columns.count == 2 else { return nil }
        let rows = results.paths.compactMap { path -> (path: Results.PathFacts, low: Double, high: Double)? in
            guard let low = measurement.median(path.id, figure.columns[0]), low > 0,
                let high = measurement.median(path.id, figure.columns[1])
            else { return nil }
            return (path, low, max(low, high))
        }
        guard let least = rows.map(\.low).min(), let most = rows.map(\.high).max() else { return nil }
        let data = rows.enumerated().map { place, row in
            let colour = Palette.bar(row.path.role, series: 0).code
            let light = Palette.bar(row.path.role, series: 1).code
            let low = Chart.quoted(Number.text(row.low, decimals: 0))
            let high = Chart.quoted(Number.text(row.high, decimals: 0))
            return "\(place) \(row.low) \(row.high) \(low) \(high) \(colour) \(light)"
        }
        let titles = rows.enumerated().map { "\(Chart.quoted($1.path.title)) \($0)" }.joined(separator: ", ")
        drawing = (
            rows.count * 28 + 20,
            [
                "$ranges << EOD", data.joined(separator: "\n"), "EOD", "set lmargin at screen 0.32",
                "set rmargin at screen 0.99", "set tmargin at screen 0.98", "set bmargin at screen 0.02", "unset xtics",
                "set logscale x", "set ytics (\(titles))", "set yrange [\(Double(rows.count) - 0.45):-0.55]",
                // Room for the numbers on both sides, whatever the range.
                "margin = (\(most) / \(least)) ** 0.13", "set xrange [\(least)/margin:\(most)*margin*margin]",
                """
                plot $ranges using 2:1:($3-$2):(0):7 with vectors nohead lw 5 lc rgb variable, \
                $ranges using 2:1:6 with points pt 7 ps 1.1 lc rgb variable, \
                $ranges using 2:1:4 with labels right offset -1.0,0 tc rgb \(Palette.ink.code), \
                $ranges using 3:1:5 with labels left offset 1.0,0 tc rgb \(Palette.muted.code)
                """,
            ]
        )
    }
}
