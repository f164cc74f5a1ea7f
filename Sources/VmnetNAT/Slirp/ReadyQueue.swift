import VmnetSystem

/// Which host sockets are ready, and which must wait although they are, over all libslirp instances of the guest.
struct ReadyQueue {
    /// What one readable connection may bring at once: its send window, cut into segments of the least size with headers
    /// of their own.
    static let bytesPerConnection = 65536 * 2

    /// Instances that must be polled, because of a socket or for another reason.
    var shards = ShardSet()
    /// Slots to be reported in the poll that is going on.
    private var ready: [Int32] = []
    /// Connections that are readable but had to wait; first come, first served.
    private var withheld: [Waiting] = []

    /// A connection by its slot, unless another has it by now.
    private struct Waiting {
        let slot: Int32
        let generation: UInt32

        func isCurrent(in sockets: borrowing SocketTable) -> Bool {
            sockets.isCurrent(Int(slot), generation: generation) && sockets[Int(slot)].isWithheld
        }
    }

    /// Whether some connection waits for the guest's port to have room.
    var isPaused: Bool { !withheld.isEmpty }

    /// How many connections may be reported as readable when the guest's port has `room` bytes left.
    static func connections(room: Int) -> Int { max(0, room) / bytesPerConnection }

    /// Makes connections ready that had to wait, oldest first, as long as `budget` lasts.
    mutating func release(_ sockets: inout SocketTable, budget: inout Int) {
        guard budget > 0, !withheld.isEmpty else { return }
        var released = 0
        while budget > 0, released < withheld.count {
            let waiting = withheld[released]
            released += 1
            // It may have gone meanwhile.
            guard waiting.isCurrent(in: sockets) else { continue }
            let slot = Int(waiting.slot)
            sockets[slot].isWithheld = false
            // Whatever else is wanted of it is watched again after the poll.
            shards.insert(Int(sockets[slot].shard))
            // The guest may have closed it for reading.
            guard sockets[slot].requested.contains(.readable) else { continue }
            sockets[slot].ready = .readable
            ready.append(waiting.slot)
            budget -= 1
        }
        withheld.removeFirst(released)
    }

    /// Notes what has happened to a socket.
    ///
    /// Errors and hang-ups are not passed on as such. libslirp would read on them even when it did not ask to, into a
    /// buffer that may be full, which it asserts it is not. As readiness for what it did ask for they come to the same
    /// end: the call fails, and the connection ends.
    mutating func note(_ event: Epoll.Event, in sockets: inout SocketTable, budget: inout Int) {
        let slot = Int(truncatingIfNeeded: event.token & 0xffff_ffff)
        let generation = UInt32(truncatingIfNeeded: event.token >> 32)
        guard sockets.isCurrent(slot, generation: generation) else { return }
        let requested = sockets[slot].requested
        let hasFailed = event.events.intersects(.error) || event.events.intersects(.hangUp)
        // Also of one that has to wait: the fill after the poll takes it out of the epoll set.
        shards.insert(Int(sockets[slot].shard))
        var interest: SocketTable.Interest = []
        if requested.contains(.readable), hasFailed || event.events.intersects(.readable) {
            if sockets[slot].kind != .tcp {
                interest.insert(.readable)
            } else if budget > 0 {
                interest.insert(.readable)
                budget -= 1
            } else if !sockets[slot].isWithheld {
                sockets[slot].isWithheld = true
                withhold(Waiting(slot: Int32(slot), generation: generation), sockets)
            }
        }
        if requested.contains(.writable),
            event.events.intersects(.writable) || hasFailed && !requested.contains(.readable)
        {
            interest.insert(.writable)
        }
        guard !interest.isEmpty else { return }
        if sockets[slot].ready.isEmpty { ready.append(Int32(slot)) }
        sockets[slot].ready.formUnion(interest)
    }

    /// A guest that opens and resets connections, and reads nothing, leaves waiting ones behind that are no more.
    private mutating func withhold(_ waiting: Waiting, _ sockets: borrowing SocketTable) {
        if withheld.count > sockets.slotCount { withheld.removeAll { !$0.isCurrent(in: sockets) } }
        withheld.append(waiting)
    }

    /// Whether a socket of any instance is to be reported.
    var hasReady: Bool { !ready.isEmpty }

    mutating func endPoll(_ sockets: inout SocketTable) {
        for slot in ready { sockets[Int(slot)].ready = [] }
        ready.removeAll(keepingCapacity: true)
        shards.removeAll()
    }
}
