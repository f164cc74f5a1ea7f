import Testing

@testable import VmnetNAT

@Suite struct TokenBucketTests {
    private let second: Int64 = 1_000_000_000

    @Test func `a full bucket gives its burst at once and no more`() {
        var bucket = TokenBucket(perSecond: 10, burst: 5)
        let taken = (0..<20).count { _ in bucket.take(now: second) }
        #expect(taken == 5)
    }

    @Test func `tokens come back at the rate, up to the burst`() {
        var bucket = TokenBucket(perSecond: 10, burst: 5)
        while bucket.take(now: second) {}
        #expect(bucket.take(now: second + 99_999_999) == false)
        #expect(bucket.take(now: second + 100_000_000) == true)
        #expect(bucket.take(now: second + 100_000_000) == false)
        let later = (0..<20).count { _ in bucket.take(now: second * 100) }
        #expect(later == 5)
    }

    @Test(arguments: [(0, 0), (-1, -1), (Int.max, Int.max), (1, Int.max)])
    func `no numbers make it trap`(perSecond: Int, burst: Int) {
        var bucket = TokenBucket(perSecond: perSecond, burst: burst)
        #expect(bucket.take(now: 1) == true)
        _ = bucket.take(now: .max / 4)
    }
}
