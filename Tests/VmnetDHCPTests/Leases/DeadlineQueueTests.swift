import Testing
import VmnetTesting
import VmnetWire

@testable import VmnetDHCP

@Suite struct DeadlineQueueTests {
    private func entry(_ time: Int64, stamp: UInt32 = 0) -> DeadlineQueue.Entry {
        DeadlineQueue.Entry(time: LeaseTime(secondsSince1970: time), address: .any, stamp: stamp)
    }

    @Test func `entries come out in order of time`() {
        var generator = SeededGenerator(seed: 2)
        var queue = DeadlineQueue()
        let times = (0..<1000).map { _ in Int64.random(in: 0...500, using: &generator) }
        for time in times { queue.push(entry(time)) }
        var out: [Int64] = []
        while let first = queue.popFirst() { out.append(first.time.secondsSince1970) }
        #expect(out == times.sorted())
    }

    @Test func `stale entries go, and the order stays`() {
        var queue = DeadlineQueue()
        for time in (0..<Int64(100)).reversed() { queue.push(entry(time, stamp: UInt32(time) % 3)) }
        queue.removeAll { $0.stamp != 1 }
        var out: [Int64] = []
        while let first = queue.popFirst() { out.append(first.time.secondsSince1970) }
        #expect(out == Array(stride(from: 1, to: 100, by: 3)))
    }
}
