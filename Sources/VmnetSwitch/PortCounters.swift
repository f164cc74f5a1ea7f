/// What passed one port. "Received" came from the guest, "sent" went to it; dropped frames count under neither.
@usableFromInline
package struct PortCounters: Sendable {
    @usableFromInline package internal(set) var receivedFrames: UInt64 = 0
    @usableFromInline package internal(set) var receivedBytes: UInt64 = 0
    @usableFromInline package internal(set) var sentFrames: UInt64 = 0
    @usableFromInline package internal(set) var sentBytes: UInt64 = 0
    /// Indexed by `DropReason.rawValue`, with room for more than there are; in place, so that counting calls nothing.
    @usableFromInline var drops = InlineArray<32, UInt64>(repeating: 0)

    package init() {}

    @inlinable
    package mutating func countReceived(frames: Int, byteCount: Int) {
        receivedFrames &+= UInt64(frames)
        receivedBytes &+= UInt64(byteCount)
    }

    @inlinable
    package mutating func countSent(byteCount: Int) {
        sentFrames &+= 1
        sentBytes &+= UInt64(byteCount)
    }

    @inlinable
    package mutating func countDrop(_ reason: DropReason, count: UInt64 = 1) {
        drops[Int(reason.rawValue)] &+= count
    }

    /// Adds what passed another port.
    package mutating func add(_ other: PortCounters) {
        receivedFrames &+= other.receivedFrames
        receivedBytes &+= other.receivedBytes
        sentFrames &+= other.sentFrames
        sentBytes &+= other.sentBytes
        for reason in DropReason.allCases { countDrop(reason, count: other.dropped(reason)) }
    }

    /// Frames dropped for `reason`.
    package func dropped(_ reason: DropReason) -> UInt64 { drops[Int(reason.rawValue)] }

    /// Frames dropped for any reason.
    package var droppedFrames: UInt64 { DropReason.allCases.reduce(0) { $0 &+ dropped($1) } }
}
