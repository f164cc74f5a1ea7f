import VmnetSwitch

/// How much a guest may send to everybody, as switches limit it (storm control).
///
/// Such a frame costs the network's thread a copy, and with a TAP a system call, for each of the others: one guest could
/// have all of its time with nothing but broadcasts, which cost the guest next to nothing.
struct FloodLimit {
    /// Copies, of frames of any length, a super-frame's segments each for itself: a few thousand frames a second on a small
    /// network, hundreds among 64 guests.
    private static let copiesPerSecond = 50_000
    /// Copies at once. More than the bucket holds are one bucketful, so that a frame passes on a network of any size.
    private static let burst = 16_384

    private var bucket = TokenBucket(perSecond: copiesPerSecond, burst: burst)

    /// Whether one more frame may go to so many; if so, it is taken to have gone.
    mutating func admits(copies: Int, now: ContinuousClock.Instant) -> Bool {
        bucket.take(copies, at: now)
    }
}

extension TokenBucket {
    private static let epoch = ContinuousClock().systemEpoch

    /// Takes so many tokens, by the clock that the network's batches go by.
    mutating func take(_ count: Int = 1, at now: ContinuousClock.Instant) -> Bool {
        let (seconds, attoseconds) = (now - Self.epoch).components
        return take(count, now: seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}
