/// What paths that no program can pass reach in a figure that does not draw them: `Limits: loopback 14.9 up, 15.0 down.`
package struct LimitNote: Equatable, Sendable {
    package let text: String

    /// Nil for figures that draw them, and when there are none.
    package init?(_ figure: ReportSection.Figure, of results: Results) {
        guard let measurement = results.measurement(figure.measurement), BarDrawing.omitsLimits(figure, of: results)
        else { return nil }
        let notes = results.paths.filter { $0.role == "limit" }.compactMap { path -> String? in
            let values = figure.columns.compactMap { id in
                measurement.median(path.id, id).map { value in
                    let decimals = measurement.columns.first { $0.id == id }?.decimals ?? 0
                    return Number.text(value, decimals: decimals)
                }
            }
            return values.isEmpty ? nil : "\(path.title) \(values.joined(separator: " / "))"
        }
        guard !notes.isEmpty else { return nil }
        text = "Limits: \(notes.joined(separator: "; "))."
    }
}
