import Testing

@testable import VmnetNAT

@Suite struct ShardPlacementTests {
    private let capacity = ShardPlacement.capacity

    /// What `placement` chooses among instances with so many flows each; nil: a free number.
    private func choose(_ placement: inout ShardPlacement, _ populations: [Int?]) -> Int {
        placement.choose(below: populations.count) { populations[$0] }
    }

    @Test func `flows that begin together share an instance until it is full`() {
        var placement = ShardPlacement()
        var populations: [Int?] = [0]
        for flow in 0..<(3 * capacity) {
            let number = choose(&placement, populations)
            if number == populations.count { populations.append(0) }
            populations[number] = (populations[number] ?? 0) + 1
            #expect(number == flow / capacity)
        }
        #expect(populations == [capacity, capacity, capacity])
    }

    @Test func `the next one is the emptiest that is not more than half full`() {
        var placement = ShardPlacement()
        #expect(choose(&placement, [capacity, 20, 10, 30]) == 2)
        // And stays it.
        #expect(choose(&placement, [0, 0, capacity - 1, 0]) == 2)
        #expect(choose(&placement, [capacity, capacity / 2, capacity]) == 1)
    }

    @Test func `rather than fill up one that is more than half full, another is made`() {
        var placement = ShardPlacement()
        #expect(choose(&placement, [capacity, capacity / 2 + 1]) == 2)
    }

    @Test func `a number that has become free is used again`() {
        var placement = ShardPlacement()
        #expect(choose(&placement, [capacity, nil, capacity, nil]) == 1)
        // An instance that is there is better.
        placement = ShardPlacement()
        #expect(choose(&placement, [capacity, nil, 3]) == 2)
        // Also when the current one has been released.
        placement = ShardPlacement()
        #expect(choose(&placement, [capacity, 0]) == 1)
        #expect(choose(&placement, [5]) == 0)
    }
}
