import Testing
import VmnetSwitch

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

    @Test func `several tokens are there together or not at all`() {
        var bucket = TokenBucket(perSecond: 10, burst: 5)
        #expect(bucket.take(3, now: second) == true)
        #expect(bucket.take(3, now: second) == false)
        #expect(bucket.take(2, now: second) == true)
    }

    @Test(arguments: [6, Int.max])
    func `a full bucket is enough for more than it holds`(count: Int) {
        var bucket = TokenBucket(perSecond: 10, burst: 5)
        #expect(bucket.take(count, now: second) == true)
        #expect(bucket.take(now: second) == false)
        #expect(bucket.take(count, now: second + 499_999_999) == false)
        #expect(bucket.take(count, now: second + 500_000_000) == true)
    }

    @Test(arguments: [(0, 0), (-1, -1), (Int.max, Int.max), (1, Int.max)])
    func `no numbers make it trap`(perSecond: Int, burst: Int) {
        var bucket = TokenBucket(perSecond: perSecond, burst: burst)
        #expect(bucket.take(now: 1) == true)
        _ = bucket.take(now: .max / 4)
    }
}
