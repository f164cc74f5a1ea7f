/// A line for each path over the numbers in the columns' names, with its title at its end.
struct CurveDrawing {
    private struct Curve {
        let path: Results.PathFacts
        /// Places on the x axis from 0 on.
        let points: [(place: Int, value: Double)]
    }

    let drawing: (height: Int, commands: [String])

    init?(
        _ figure: ReportSection.Figure, _ measurement: MeasurementResult, _ results: Results, xTitle: String
    ) {
        let columns = figure.columns.filter { id in measurement.columns.contains { $0.id == id } }
        let all = results.paths.map { path in
            Curve(
                path: path,
                points: columns.enumerated().compactMap { place, column in
                    measurement.median(path.id, column).map { (place, $0) }
                })
        }
        let curves = all.filter { $0.points.count > 1 && $0.path.role != "limit" }
        guard let most = curves.flatMap({ $0.points.map(\.value) }).max(), most > 0 else { return nil }
        let labels = Self.spreadApart(curves.compactMap { $0.points.last?.value }, distance: most * 0.07)
        var blocks: [String] = []
        var plots: [String] = []
        for (number, curve) in curves.enumerated() {
            guard let last = curve.points.last else { continue }
            let isOurs = curve.path.role == "ours"
            let colour = Palette.bar(curve.path.role, series: isOurs && curve.path.id.hasSuffix("stream") ? 1 : 0).code
            blocks += ["$curve\(number) << EOD"] + curve.points.map { "\($0.place) \($0.value)" } + ["EOD"]
            plots.append(
                "$curve\(number) with linespoints lw \(isOurs ? 3 : 1.5) pt 7 ps \(isOurs ? 0.7 : 0.5) lc rgb \(colour)"
            )
            // One that did not get to the end says how far it went, and has a cross there.
            let hasEnded = last.place < columns.count - 1
            let title = curve.path.title + (hasEnded ? ", to \(Self.count(columns[last.place]))" : "")
            if hasEnded {
                blocks += ["$end\(number) << EOD", "\(last.place) \(last.value)", "EOD"]
                plots.append("$end\(number) with points pt 2 ps 1 lc rgb \(colour)")
            }
            blocks.append(
                """
                set label \(number + 1) \(Chart.quoted(title)) at \(Double(columns.count) - 0.92),\(labels[number]) \
                left tc rgb \(isOurs ? Palette.ours.code : Palette.muted.code)
                """)
        }
        let ticks = columns.enumerated().map { place, column in
            "\(Chart.quoted(Self.count(column))) \(place)"
        }
        drawing = (
            320,
            blocks + [
                "set lmargin at screen 0.07", "set rmargin at screen 0.64", "set tmargin at screen 0.96",
                "set bmargin at screen 0.15", "set xtics (\(ticks.joined(separator: ", ")))",
                "set xlabel \(Chart.quoted(xTitle)) tc rgb \(Palette.muted.code)",
                "set ytics textcolor rgb \(Palette.muted.code)",
                "set grid ytics lt 1 lw 1 lc rgb \(Palette.line.code)",
                "set xrange [-0.1:\(Double(columns.count) - 0.95)]", "set yrange [0:\(most * 1.08)]",
                "plot " + plots.joined(separator: ", \\\n"),
            ]
        )
    }

    /// `1,000` of `up-1000`.
    private static func count(_ column: String) -> String {
        Double(column.drop { !$0.isNumber }).map { Number.text($0, decimals: 0) } ?? column
    }

    /// Moves values apart, so that labels there do not cover each other; in the given order.
    static func spreadApart(_ values: [Double], distance: Double) -> [Double] {
        var moved = values
        var lowest = -Double.infinity
        for place in values.indices.sorted(by: { values[$0] < values[$1] }) {
            moved[place] = max(values[place], lowest + distance)
            lowest = moved[place]
        }
        return moved
    }
}
