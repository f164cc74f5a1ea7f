import OpenVmnet

/// What has passed a port, or a network. "Received" came from guests, "sent" went to them.
package struct TrafficDocument: Codable, Equatable, Sendable {
    package var receivedFrames: UInt64
    package var receivedBytes: UInt64
    package var sentFrames: UInt64
    package var sentBytes: UInt64
    /// Dropped frames by reason, zeros included.
    package var dropped: [String: UInt64]

    package var droppedFrames: UInt64 { dropped.values.reduce(0, &+) }
}

extension TrafficDocument {
    init(_ counters: TrafficCounters) {
        self.init(
            receivedFrames: counters.receivedFrames, receivedBytes: counters.receivedBytes,
            sentFrames: counters.sentFrames, sentBytes: counters.sentBytes, dropped: counters.dropped)
    }
}
