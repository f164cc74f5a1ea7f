/// What passed one port. "Received" came from the guest, "sent" went to it; dropped frames count under neither.
package struct PortCounters: Equatable, Sendable {
    package private(set) var receivedFrames: UInt64 = 0
    package private(set) var receivedBytes: UInt64 = 0
    package private(set) var sentFrames: UInt64 = 0
    package private(set) var sentBytes: UInt64 = 0
    /// Indexed by `DropReason.rawValue`.
    private var drops = [UInt64](repeating: 0, count: DropReason.allCases.count)

    package init() {}

    package mutating func countReceived(byteCount: Int) {
        receivedFrames &+= 1
        receivedBytes &+= UInt64(byteCount)
    }

    package mutating func countSent(byteCount: Int) {
        sentFrames &+= 1
        sentBytes &+= UInt64(byteCount)
    }

    package mutating func countDrop(_ reason: DropReason, count: UInt64 = 1) {
        drops[Int(reason.rawValue)] &+= count
    }

    /// Frames dropped for `reason`.
    package func dropped(_ reason: DropReason) -> UInt64 { drops[Int(reason.rawValue)] }

    /// Frames dropped for any reason.
    package var droppedFrames: UInt64 { drops.reduce(0, &+) }
}
