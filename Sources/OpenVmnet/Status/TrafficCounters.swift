import VmnetSwitch

/// What has passed a port, a guest's unless said otherwise. "Received" came from the guest, "sent" went to it; dropped frames count under neither.
public struct TrafficCounters: Equatable, Sendable {
    /// Frames that the guest sent.
    public let receivedFrames: UInt64
    /// Their bytes, Ethernet headers included.
    public let receivedBytes: UInt64
    /// Frames that were queued for the guest.
    public let sentFrames: UInt64
    /// Their bytes, Ethernet headers included.
    public let sentBytes: UInt64
    /// Dropped frames by the name of the reason, such as `queue_full`; every reason there is has its number.
    public let dropped: [String: UInt64]

    /// Frames dropped for any reason.
    public var droppedFrames: UInt64 { dropped.values.reduce(0, &+) }

    init(_ counters: PortCounters) {
        receivedFrames = counters.receivedFrames
        receivedBytes = counters.receivedBytes
        sentFrames = counters.sentFrames
        sentBytes = counters.sentBytes
        dropped = Dictionary(
            DropReason.allCases.map { ($0.name, counters.dropped($0)) }, uniquingKeysWith: { first, _ in first })
    }
}
