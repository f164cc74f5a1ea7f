/// A moment on the clock that all instances of libslirp share.
///
/// libslirp keeps the time in a global of 32-bit milliseconds, so every instance must count from the same epoch, and it
/// compares some times without regard to overflow, so the epoch is the process's start and not the machine's.
struct NATTime: Equatable, Sendable {
    /// A second before the first use: to libslirp, zero means "no time".
    static let epoch = ContinuousClock.now - .seconds(1)

    /// Since the epoch; positive.
    let nanoseconds: Int64

    init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    init(_ instant: ContinuousClock.Instant) {
        self.init(sinceEpoch: instant - Self.epoch)
    }

    init(sinceEpoch: Duration) {
        let (seconds, attoseconds) = sinceEpoch.components
        nanoseconds = max(1, min(seconds, .max / 2_000_000_000) * 1_000_000_000 + attoseconds / 1_000_000_000)
    }

    var milliseconds: Int64 { nanoseconds / 1_000_000 }
    var seconds: UInt32 { UInt32(truncatingIfNeeded: nanoseconds / 1_000_000_000) }
    var instant: ContinuousClock.Instant { Self.epoch + .nanoseconds(nanoseconds) }

    func adding(milliseconds: Int64) -> NATTime {
        NATTime(nanoseconds: nanoseconds + milliseconds * 1_000_000)
    }
}
