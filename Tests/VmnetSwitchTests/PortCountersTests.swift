import Testing
import VmnetSwitch

@Suite struct PortCountersTests {
    @Test func `frames and bytes count by direction`() {
        var counters = PortCounters()
        counters.countReceived(frames: 1, byteCount: 60)
        counters.countReceived(frames: 2, byteCount: 3028)
        counters.countSent(byteCount: 42)
        #expect(counters.receivedFrames == 3)
        #expect(counters.receivedBytes == 3088)
        #expect(counters.sentFrames == 1)
        #expect(counters.sentBytes == 42)
        #expect(counters.droppedFrames == 0)
    }

    @Test func `every reason counts by itself, and all add up`() {
        var counters = PortCounters()
        for (index, reason) in DropReason.allCases.enumerated() {
            for _ in 0...index { counters.countDrop(reason) }
        }
        for (index, reason) in DropReason.allCases.enumerated() {
            #expect(counters.dropped(reason) == UInt64(index + 1))
        }
        let count = UInt64(DropReason.allCases.count)
        #expect(counters.droppedFrames == count * (count + 1) / 2)
        #expect(counters.receivedFrames == 0)
        #expect(counters.sentFrames == 0)
    }

    @Test func `every reason has a name of its own, fit for a metric`() {
        let names = DropReason.allCases.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(names.allSatisfy { !$0.isEmpty && $0.allSatisfy { $0 == "_" || ("a"..."z").contains($0) } })
    }

    @Test func `the counters of two ports add up`() {
        var one = PortCounters()
        one.countReceived(frames: 2, byteCount: 200)
        one.countDrop(.queueFull)
        var other = PortCounters()
        other.countReceived(frames: 3, byteCount: 300)
        other.countSent(byteCount: 60)
        other.countDrop(.queueFull, count: 4)
        one.add(other)
        #expect((one.receivedFrames, one.receivedBytes) == (5, 500))
        #expect((one.sentFrames, one.sentBytes) == (1, 60))
        #expect(one.dropped(.queueFull) == 5)
        #expect(one.droppedFrames == 5)
    }
}
