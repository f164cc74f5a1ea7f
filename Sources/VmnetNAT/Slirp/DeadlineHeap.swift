/// When each libslirp instance must be called at the latest: a binary heap in which an instance is found by its number.
struct DeadlineHeap {
    private struct Entry {
        var nanoseconds: Int64
        var number: Int32
    }

    private var entries: [Entry] = []
    /// Indexed by number: the place in `entries`, -1 = none.
    private var places: [Int32] = []

    /// The earliest of all.
    var earliest: NATTime? { entries.first.map { NATTime(nanoseconds: $0.nanoseconds) } }

    /// Replaces an instance's deadline; nil: it has none.
    mutating func set(_ deadline: NATTime?, for number: Int) {
        while places.count <= number { places.append(-1) }
        let place = Int(places[number])
        guard let deadline else {
            if place >= 0 { remove(at: place) }
            return
        }
        if place < 0 {
            entries.append(Entry(nanoseconds: deadline.nanoseconds, number: Int32(number)))
            places[number] = Int32(entries.count - 1)
            siftUp(from: entries.count - 1)
        } else if deadline.nanoseconds != entries[place].nanoseconds {
            entries[place].nanoseconds = deadline.nanoseconds
            siftUp(from: place)
            siftDown(from: Int(places[number]))
        }
    }

    /// Takes out an instance whose deadline has come; nil when there is none.
    mutating func popDue(now: NATTime) -> Int? {
        guard let first = entries.first, first.nanoseconds <= now.nanoseconds else { return nil }
        remove(at: 0)
        return Int(first.number)
    }

    private mutating func remove(at place: Int) {
        exchange(place, entries.count - 1)
        places[Int(entries.removeLast().number)] = -1
        guard place < entries.count else { return }
        let moved = Int(entries[place].number)
        siftUp(from: place)
        siftDown(from: Int(places[moved]))
    }

    private mutating func siftUp(from place: Int) {
        var place = place
        while place > 0, entries[place].nanoseconds < entries[(place - 1) / 2].nanoseconds {
            exchange(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
    }

    private mutating func siftDown(from place: Int) {
        var place = place
        while true {
            var least = place
            for child in [2 * place + 1, 2 * place + 2] where child < entries.count {
                if entries[child].nanoseconds < entries[least].nanoseconds { least = child }
            }
            guard least != place else { return }
            exchange(place, least)
            place = least
        }
    }

    private mutating func exchange(_ one: Int, _ other: Int) {
        entries.swapAt(one, other)
        places[Int(entries[one].number)] = Int32(one)
        places[Int(entries[other].number)] = Int32(other)
    }
}
