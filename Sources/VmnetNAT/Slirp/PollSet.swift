import VmnetSystem

/// Which host sockets of one libslirp instance are watched.
///
/// libslirp speaks poll(2): before each sleep it names every socket with what it waits for, after it asks for each what
/// has happened. Here only the differences reach the kernel: a socket's slot serves as the index in both directions.
struct PollSet {
    /// The instance's number. The slot of a socket that is gone may be another instance's by now.
    let shard: Int32
    /// Told apart from earlier fills in the sockets' records.
    private var fill: UInt64 = 0
    /// Slots in the epoll set, besides some that have left it.
    private var armed: [Int32] = []
    /// Slots named in the fill that is going on.
    private var wanted: [Int32] = []

    init(shard: Int32) {
        self.shard = shard
    }

    mutating func beginFill() {
        fill += 1
        wanted.removeAll(keepingCapacity: true)
    }

    /// Notes what libslirp waits for. Returns the index by which it will ask.
    mutating func want(_ interest: SocketTable.Interest, slot: Int, in sockets: inout SocketTable) -> Int32 {
        sockets[slot].requested = sockets[slot].isRelayed ? interest.subtracting(.readable) : interest
        sockets[slot].fill = fill
        wanted.append(Int32(slot))
        return Int32(slot)
    }

    /// Brings the epoll set up to date.
    ///
    /// A socket that nothing is wanted of leaves the set, because errors are reported whether wanted or not and would
    /// keep the set ready. So does one that is withheld.
    mutating func endFill(_ sockets: inout SocketTable, _ epoll: borrowing Epoll) {
        for slot in armed where sockets[Int(slot)].fill != fill && sockets[Int(slot)].shard == shard {
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
}

extension Epoll.EventMask {
    fileprivate init(_ interest: SocketTable.Interest) {
        let readable = interest.contains(.readable) ? Self.readable.rawValue : 0
        let writable = interest.contains(.writable) ? Self.writable.rawValue : 0
        self.init(rawValue: readable | writable)
    }
}
