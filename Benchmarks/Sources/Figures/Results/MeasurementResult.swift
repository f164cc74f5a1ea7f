/// All that one measurement gave, for every path it was made with.
package struct MeasurementResult: Codable, Equatable, Sendable {
    /// What was measured with which path.
    package struct Row: Codable, Equatable, Sendable {
        package let path: String
        package var cells: [String: Cell]
    }

    package let id: String
    package let title: String
    /// How it is measured, in a sentence or two.
    package let method: String
    package let columns: [Column]
    package private(set) var rows: [Row] = []

    package init(id: String, title: String, method: String, columns: [Column]) {
        self.id = id
        self.title = title
        self.method = method
        self.columns = columns
    }

    /// Adds what a visit gave.
    package mutating func add(_ readings: Readings, of path: String) {
        for (column, value) in readings.values { change(path, column) { $0.samples.append(value) } }
        for (column, reason) in readings.failures { change(path, column) { $0.failure = reason } }
    }

    /// Notes that a visit gave nothing.
    package mutating func fail(_ path: String, _ reason: String) {
        for column in columns { change(path, column.id) { $0.failure = reason } }
    }

    package func cell(_ path: String, _ column: String) -> Cell? {
        rows.first { $0.path == path }?.cells[column]
    }

    /// The median, where there are samples.
    package func median(_ path: String, _ column: String) -> Double? { cell(path, column)?.spread?.median }

    private mutating func change(_ path: String, _ column: String, _ body: (inout Cell) -> Void) {
        if !rows.contains(where: { $0.path == path }) { rows.append(Row(path: path, cells: [:])) }
        guard let place = rows.firstIndex(where: { $0.path == path }) else { return }
        body(&rows[place].cells[column, default: Cell()])
    }
}
