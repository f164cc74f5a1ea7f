import VmnetSwitch

/// How often guests are told that a packet is too long for the physical network. Routers limit their ICMP errors too
/// (RFC 1812, 4.3.2.8; RFC 4443, 2.4).
struct ReportLimit {
    private static let epoch = ContinuousClock().systemEpoch

    private var bucket = TokenBucket(perSecond: 100, burst: 50)

    /// Whether one more may be sent; if so, it is taken to have been.
    mutating func admits(now: ContinuousClock.Instant) -> Bool {
        let (seconds, attoseconds) = (now - Self.epoch).components
        return bucket.take(now: seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}
