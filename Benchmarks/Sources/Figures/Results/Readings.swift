/// What one visit of a measurement to a path gave, by the columns' names.
package struct Readings: Equatable, Sendable {
    package private(set) var values: [String: Double] = [:]
    package private(set) var failures: [String: String] = [:]

    package init() {}

    package subscript(column: String) -> Double? {
        get { values[column] }
        set { values[column] = newValue }
    }

    package mutating func fail(_ column: String, _ reason: some CustomStringConvertible) {
        failures[column] = reason.description
    }
}
