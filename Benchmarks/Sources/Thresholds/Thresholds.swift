/// What each workload may cost, as it is written down in `instructions.json`.
public struct Thresholds: Codable, Equatable, Sendable {
    /// How much more than what is written down counts as a regression.
    public var tolerancePercent: Double
    /// Instructions of one operation, by the workload's name.
    public var instructions: [String: Int]

    /// As they would be written down.
    public init(tolerancePercent: Double, instructions: [String: Int]) {
        self.tolerancePercent = tolerancePercent
        self.instructions = instructions
    }
}
