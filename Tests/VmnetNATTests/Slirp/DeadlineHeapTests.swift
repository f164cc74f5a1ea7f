import Testing
import VmnetTesting

@testable import VmnetNAT

@Suite struct DeadlineHeapTests {
    private func time(_ nanoseconds: Int64) -> NATTime { NATTime(nanoseconds: nanoseconds) }

    @Test func `what is due comes out earliest first, and nothing else`() {
        var heap = DeadlineHeap()
        #expect(heap.earliest == nil)
        for (number, deadline) in [(0, 50), (1, 20), (2, 90), (3, 20), (4, 10)] {
            heap.set(time(Int64(deadline)), for: number)
        }
        #expect(heap.earliest == time(10))
        #expect(heap.popDue(now: time(9)) == nil)
        #expect(heap.popDue(now: time(50)) == 4)
        #expect(Set([heap.popDue(now: time(50)), heap.popDue(now: time(50))]) == [1, 3])
        #expect(heap.popDue(now: time(50)) == 0)
        #expect(heap.popDue(now: time(50)) == nil)
        #expect(heap.earliest == time(90))
    }

    @Test func `a deadline can move either way, and go`() {
        var heap = DeadlineHeap()
        heap.set(time(10), for: 0)
        heap.set(time(20), for: 1)
        heap.set(time(30), for: 0)
        #expect(heap.earliest == time(20))
        heap.set(time(5), for: 0)
        #expect(heap.earliest == time(5))
        heap.set(nil, for: 0)
        heap.set(nil, for: 7)
        #expect(heap.earliest == time(20))
        heap.set(nil, for: 1)
        #expect(heap.earliest == nil)
    }

    @Test func `it agrees with a dictionary through ten thousand random changes`() {
        var random = SeededGenerator(seed: 3)
        var heap = DeadlineHeap()
        var model: [Int: Int64] = [:]
        for _ in 0..<10_000 {
            let number = Int.random(in: 0..<40, using: &random)
            let deadline = Int64.random(in: 1..<1000, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0:
                heap.set(nil, for: number)
                model[number] = nil
            case 1:
                guard let popped = heap.popDue(now: time(deadline)) else {
                    #expect(model.values.allSatisfy { $0 > deadline })
                    continue
                }
                #expect(model[popped] == model.values.min())
                model[popped] = nil
            default:
                heap.set(time(deadline), for: number)
                model[number] = deadline
            }
            #expect(heap.earliest?.nanoseconds == model.values.min())
        }
    }
}
