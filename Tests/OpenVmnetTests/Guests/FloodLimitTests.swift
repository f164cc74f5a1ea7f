import Testing
import VmnetTesting

@testable import OpenVmnet

@Suite struct FloodLimitTests {
    private let start = ContinuousClock.now

    /// How many frames of 100,000 pass at each of the times.
    private func admitted(copies: Int, after times: [Duration]) -> [Int] {
        var limit = FloodLimit()
        return times.map { time in (0..<100_000).count { _ in limit.admits(copies: copies, now: start + time) } }
    }

    @Test func `a burst passes, then so many copies a second`() {
        #expect(admitted(copies: 1, after: [.zero, .milliseconds(100)]) == [16_384, 5000])
    }

    @Test func `the more guests there are, the fewer frames are for all of them`() {
        #expect(admitted(copies: 64, after: [.zero, .milliseconds(128)]) == [256, 100])
    }

    @Test func `a frame passes however many guests there are`() {
        var limit = FloodLimit()
        #expect(limit.admits(copies: 65_535, now: start) == true)
        #expect(limit.admits(copies: 65_535, now: start) == false)
        #expect(limit.admits(copies: 65_535, now: start + .seconds(1)) == true)
    }

    @Test func `a guest that floods is held back and counted, and heard as before by the one it speaks to`() throws {
        let segment = try Segment(
            "vmnet-host,start-address=10.77.0.1,end-address=10.77.0.20,subnet-mask=255.255.255.0")
        let (anna, bert) = (try segment.attach(1), try segment.attach(2))
        let others = try (3...9).map { try segment.attach($0) }
        let host = try #require(segment.network.host)
        try bert.send(bert.builder(to: host.station).arpRequest(from: "10.77.0.3", for: host.address))
        let storm = anna.builder().udp(from: "10.77.0.2:1", to: "10.77.0.255:2", payload: [1])
        var dropped: UInt64 = 0
        for _ in 0..<5000 where dropped == 0 {
            for _ in 0..<50 { try anna.queue(storm) }
            segment.turn()
            dropped = segment.network.status().ports[0].traffic.dropped["flood_rate"] ?? 0
        }
        #expect(dropped > 0)
        while try !bert.take().isEmpty { segment.turn() }
        let word = anna.builder(to: bert.station).udp(from: "10.77.0.2:1", to: "10.77.0.3:2", payload: [1])
        try anna.send(word)
        #expect(try bert.take().contains(word))
        withExtendedLifetime(others) {}
    }
}
