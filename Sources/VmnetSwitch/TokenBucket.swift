/// A rate limit with a burst: each permission costs one token, and tokens come back at a steady rate.
package struct TokenBucket: Sendable {
    private static let second: Int64 = 1_000_000_000

    /// Nanoseconds for one token.
    private let interval: Int64
    /// The bucket's size, as the time to fill it.
    private let capacity: Int64
    /// The moment at which the bucket is, or was, full, in nanoseconds of the caller's clock.
    private var fullAt: Int64 = .min

    /// - Parameters:
    ///   - perSecond: at least 1, at most a billion.
    ///   - burst: tokens in a full bucket, at least 1.
    package init(perSecond: Int, burst: Int) {
        interval = Self.second / Int64(min(max(perSecond, 1), 1_000_000_000))
        capacity =
            interval.multipliedReportingOverflow(by: Int64(max(burst, 1))).overflow
            ? .max / 4 : interval * Int64(max(burst, 1))
    }

    /// Takes a token, if there is one. `now` counts nanoseconds, is not negative, and does not go back.
    package mutating func take(now: Int64) -> Bool { take(1, now: now) }

    /// Takes so many tokens, if they are there; of more than the bucket holds, as many as it holds.
    package mutating func take(_ count: Int, now: Int64) -> Bool {
        let (time, isLong) = interval.multipliedReportingOverflow(by: Int64(count))
        let emptied = max(fullAt, now) + (isLong ? capacity : min(time, capacity))
        guard emptied - now <= capacity else { return false }
        fullAt = emptied
        return true
    }
}
