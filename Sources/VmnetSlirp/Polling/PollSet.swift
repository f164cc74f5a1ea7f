import VmnetSystem

/// Which host sockets are watched, which are ready, and which must wait although they are ready.
///
/// libslirp speaks poll(2): before each sleep it names every socket with what it waits for, after it asks for each what
/// has happened. Here only the differences reach the kernel: a socket's slot serves as the index in both directions.
struct PollSet {
    /// What one readable connection may bring at once: its send window.
    static let bytesPerConnection = 65536

    /// Told apart from earlier fills in the sockets' records.
    private var fill: UInt64 = 0
    /// Slots in the epoll set, besides some that have left it.
    private var armed: [Int32] = []
    /// Slots named in the fill that is going on.
    private var wanted: [Int32] = []
    /// Slots to be reported in the poll that is going on.
    private var ready: [Int32] = []
    /// Slots of connections that are readable but had to wait; first come, first served.
    private var withheld: [Int32] = []

    /// Whether some connection waits for the guest's port to have room.
    var isPaused: Bool { !withheld.isEmpty }

    var hasReady: Bool { !ready.isEmpty }

    // MARK: Before a sleep

    mutating func beginFill() {
        fill += 1
        wanted.removeAll(keepingCapacity: true)
    }

    /// Notes what libslirp waits for. Returns the index by which it will ask.
    mutating func want(_ interest: SocketTable.Interest, slot: Int, in sockets: inout SocketTable) -> Int32 {
        sockets[slot].requested = interest
        sockets[slot].fill = fill
        wanted.append(Int32(slot))
        return Int32(slot)
    }

    /// Brings the epoll set up to date.
    ///
    /// A socket that nothing is wanted of leaves the set, because errors are reported whether wanted or not and would
    /// keep the set ready. So does one that is withheld.
    mutating func endFill(_ sockets: inout SocketTable, _ epoll: borrowing Epoll) {
        for slot in armed where sockets[Int(slot)].fill != fill {
            sockets[Int(slot)].requested = []
            update(Int(slot), [], &sockets, epoll)
        }
        for slot in wanted {
            let isWithheld = sockets[Int(slot)].isWithheld
            update(Int(slot), isWithheld ? [] : sockets[Int(slot)].requested, &sockets, epoll)
        }
        swap(&armed, &wanted)
    }

    private func update(
        _ slot: Int, _ interest: SocketTable.Interest, _ sockets: inout SocketTable, _ epoll: borrowing Epoll
    ) {
        let old = sockets[slot].armed
        guard old != interest else { return }
        let descriptor = sockets[slot].descriptor
        let token = UInt64(sockets[slot].generation) << 32 | UInt64(slot)
        do throws(SystemError) {
            if interest.isEmpty {
                try epoll.remove(descriptor)
            } else if old.isEmpty {
                try epoll.add(descriptor, Epoll.EventMask(interest), token: token)
            } else {
                try epoll.modify(descriptor, Epoll.EventMask(interest), token: token)
            }
            sockets[slot].armed = interest
        } catch {
            // Out of kernel memory or watches: nothing is watched, and the next fill tries again.
            sockets[slot].armed = []
        }
    }

    // MARK: After a sleep

    /// How many connections may be reported as readable when the guest's port has `room` bytes left.
    static func connections(room: Int) -> Int { max(0, room) / bytesPerConnection }

    /// Makes connections ready that had to wait, oldest first, as long as `budget` lasts.
    mutating func release(_ sockets: inout SocketTable, budget: inout Int) {
        guard budget > 0, !withheld.isEmpty else { return }
        var released = 0
        while budget > 0, released < withheld.count {
            let slot = Int(withheld[released])
            released += 1
            // It may have gone, or have been closed for reading by the guest, meanwhile.
            guard sockets[slot].isWithheld else { continue }
            sockets[slot].isWithheld = false
            guard sockets[slot].requested.contains(.readable) else { continue }
            sockets[slot].ready = .readable
            ready.append(Int32(slot))
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
        let hasFailed = !event.events.isDisjoint(with: [.error, .hangUp])
        var interest: SocketTable.Interest = []
        if requested.contains(.readable), hasFailed || event.events.contains(.readable) {
            if sockets[slot].kind != .tcp {
                interest.insert(.readable)
            } else if budget > 0 {
                interest.insert(.readable)
                budget -= 1
            } else if !sockets[slot].isWithheld {
                sockets[slot].isWithheld = true
                withheld.append(Int32(slot))
            }
        }
        if requested.contains(.writable),
            event.events.contains(.writable) || hasFailed && !requested.contains(.readable)
        {
            interest.insert(.writable)
        }
        guard !interest.isEmpty else { return }
        if sockets[slot].ready.isEmpty { ready.append(Int32(slot)) }
        sockets[slot].ready.formUnion(interest)
    }

    mutating func endPoll(_ sockets: inout SocketTable) {
        for slot in ready { sockets[Int(slot)].ready = [] }
        ready.removeAll(keepingCapacity: true)
    }
}

extension Epoll.EventMask {
    fileprivate init(_ interest: SocketTable.Interest) {
        self = []
        if interest.contains(.readable) { insert(.readable) }
        if interest.contains(.writable) { insert(.writable) }
    }
}
