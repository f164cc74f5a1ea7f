import VmnetSwitch

/// Whose NAT wants to be called at a given time: a binary heap that knows where each port stands in it, so that to move
/// one guest's deadline costs nothing of the others.
struct Agenda {
    private struct Item {
        let time: ContinuousClock.Instant
        let id: PortID
    }

    private var heap: [Item] = []
    /// Where a port stands in the heap, by its place; nil when it has no deadline.
    private var indices: [Int?] = []

    /// Whether there is no deadline.
    var isEmpty: Bool { heap.isEmpty }

    /// The first deadline.
    var first: ContinuousClock.Instant? { heap.first?.time }

    /// Whether the port has a deadline.
    func contains(_ id: PortID) -> Bool { id.place < indices.count && indices[id.place] != nil }

    /// Notes when the port's time has come; nil = never.
    mutating func set(_ time: ContinuousClock.Instant?, for id: PortID) {
        guard let time else { return remove(id) }
        while indices.count <= id.place { indices.append(nil) }
        let item = Item(time: time, id: id)
        if let index = indices[id.place] {
            settle(item, at: index)
        } else {
            heap.append(item)
            rise(item, from: heap.count - 1)
        }
    }

    mutating func remove(_ id: PortID) {
        guard id.place < indices.count, let index = indices[id.place] else { return }
        indices[id.place] = nil
        let last = heap.removeLast()
        if index < heap.count { settle(last, at: index) }
    }

    /// Takes out the ports whose time has come, in order.
    mutating func removeDue(_ now: ContinuousClock.Instant) -> [PortID] {
        var due: [PortID] = []
        while let first = heap.first, first.time <= now {
            due.append(first.id)
            remove(first.id)
        }
        return due
    }

    private mutating func settle(_ item: Item, at index: Int) {
        if index > 0, item.time < heap[(index - 1) / 2].time {
            rise(item, from: index)
        } else {
            sink(item, from: index)
        }
    }

    private mutating func rise(_ item: Item, from start: Int) {
        var index = start
        while index > 0, item.time < heap[(index - 1) / 2].time {
            put(heap[(index - 1) / 2], at: index)
            index = (index - 1) / 2
        }
        put(item, at: index)
    }

    private mutating func sink(_ item: Item, from start: Int) {
        var index = start
        while 2 * index + 1 < heap.count {
            var child = 2 * index + 1
            if child + 1 < heap.count, heap[child + 1].time < heap[child].time { child += 1 }
            guard heap[child].time < item.time else { break }
            put(heap[child], at: index)
            index = child
        }
        put(item, at: index)
    }

    private mutating func put(_ item: Item, at index: Int) {
        heap[index] = item
        indices[item.id.place] = index
    }
}
