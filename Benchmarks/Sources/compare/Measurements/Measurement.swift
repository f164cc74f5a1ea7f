import Figures

/// A question that is asked of every path it suits. One file for each; `allMeasurements` has them in order.
protocol Measurement: Sendable {
    /// A word for the command line and the results: `tcp-1500`.
    var id: String { get }
    var title: String { get }
    /// How it is measured, in a sentence or two for the reader.
    var method: String { get }
    var columns: [Column] { get }
    /// Of one visit to one path.
    var expectedSeconds: Double { get }
    /// Whether it is made in every round; what takes long or cannot vary is made once.
    var isRepeated: Bool { get }
    func suits(_ path: any Path) -> Bool
    /// Visits the path once. What it throws becomes the failure of all columns.
    func measure(_ path: any Path, on bench: Bench) throws -> Readings
}

extension Measurement {
    var isRepeated: Bool { true }

    /// Whether it is made with the path. What attaches machines is for the measurement that has one, and what leads to a
    /// physical network for the one that has that; a program's paths are for the one that runs it.
    func isFor(_ path: any Path) -> Bool {
        (path is any MachinePath) == (self is UserModeLinux) && (path is any LANPath) == (self is LANThroughput)
            && (path is any ProgramPath) == (self is OneProgram) && suits(path)
    }
}
