/// One finished transfer of the demo.
struct DemoTransfer: Codable, Equatable, Sendable {
    /// As the guest sees it.
    enum Direction: String, Codable, Sendable {
        case download
        case upload
    }

    var direction: Direction
    var byteCount: Int
    var seconds: Double
    /// Of what arrived, computed where it arrived: 64 lower-case hexadecimal digits.
    var sha256: String

    /// Zero when no time passed.
    var bytesPerSecond: Double

    init(direction: Direction, byteCount: Int, seconds: Double, sha256: String) {
        self.direction = direction
        self.byteCount = byteCount
        self.seconds = seconds
        self.sha256 = sha256
        bytesPerSecond = seconds > 0 ? Double(byteCount) / seconds : 0
    }
}
