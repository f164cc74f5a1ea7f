/// The comparisons as a table for people.
public enum ComparisonTable {
    /// One line a workload, below the headings.
    public static func text(_ comparisons: [Comparison]) -> String {
        let rows =
            [["workload", "stored", "now", "change"]]
            + comparisons.map { comparison in
                [
                    comparison.workload, comparison.stored.map(String.init) ?? "-",
                    comparison.now.map(String.init) ?? "-", comparison.changePercent.map(percent) ?? "-",
                ]
            }
        let widths = (0..<4).map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            zip(row, widths).enumerated().map { column, cell in
                let padding = String(repeating: " ", count: cell.1 - cell.0.count)
                // Names to the left, numbers to the right.
                return column == 0 ? cell.0 + padding : padding + cell.0
            }.joined(separator: "  ")
        }.joined(separator: "\n")
    }

    /// With a sign and one decimal.
    private static func percent(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        let sign = tenths > 0 ? "+" : tenths < 0 ? "-" : ""
        return "\(sign)\(abs(tenths) / 10).\(abs(tenths) % 10) %"
    }
}
