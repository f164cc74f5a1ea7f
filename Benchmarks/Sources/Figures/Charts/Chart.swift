/// A drawing: what gnuplot is told, and how high it is.
package struct Chart: Equatable, Sendable {
    package static let width = 540
    package let script: String

    /// Nil when there is nothing to draw.
    package init?(_ figure: ReportSection.Figure, of results: Results) {
        guard let measurement = results.measurement(figure.measurement) else { return nil }
        let drawing: (height: Int, commands: [String])? =
            switch figure.kind {
            case .bars: BarDrawing(figure, measurement, results)?.drawing
            case .ranges: RangeDrawing(figure, measurement, results)?.drawing
            case .curve(let xTitle):
                CurveDrawing(figure, measurement, results, xTitle: xTitle)?.drawing
            }
        guard let drawing else { return nil }
        let preamble = [
            "set terminal svg size \(Self.width),\(drawing.height) font 'sans-serif,13' noenhanced",
            "set border 0", "set tics scale 0", "unset key",
            "set xtics textcolor rgb \(Palette.muted.code)", "set ytics textcolor rgb \(Palette.ink.code)",
        ]
        script = (preamble + drawing.commands).joined(separator: "\n") + "\n"
    }

    /// A string of gnuplot's: in double quotes.
    static func quoted(_ text: String) -> String {
        "\"" + text.flatMap { $0 == "\"" || $0 == "\\" ? "\\\($0)" : String($0) } + "\""
    }
}

extension Palette {
    /// For gnuplot: a number.
    var code: String { "\(drawn)" }
}
