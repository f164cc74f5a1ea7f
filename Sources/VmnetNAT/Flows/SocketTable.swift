import VmnetWire

/// Every host socket that libslirp has for this guest: the flow it serves, and what epoll knows of it.
///
/// libslirp tells of a socket's birth and death through its register and unregister callbacks, so the table is exact.
/// A socket is found by its descriptor, by its flow's key, or by its slot, a small number that stays the same for life.
/// Nothing here is allocated per frame: arrays grow with the number of sockets and are kept. It cannot be copied, which
/// a look at it in a class would do without a word: that is a count for each of these arrays, up and down.
struct SocketTable: ~Copyable {
    /// What is waited for, or has happened: the part of poll(2)'s events that libslirp is told of.
    struct Interest: OptionSet, Equatable {
        let rawValue: UInt8

        static let readable = Interest(rawValue: 1)
        static let writable = Interest(rawValue: 2)
    }

    struct Socket {
        fileprivate(set) var descriptor: Int32 = -1
        /// nil in a free slot.
        fileprivate(set) var kind: FlowKind?
        /// As the guest knows the flow; nil: an accepted connection before libslirp's first segment on it.
        fileprivate(set) var key: FlowKey?
        /// As libslirp knows it, when it has another name for it.
        fileprivate(set) var alias: FlowKey?
        /// The name by which libslirp has it.
        var libraryKey: FlowKey? { alias ?? key }
        /// The port forward that a connection of somebody else's came through.
        fileprivate(set) var forward: ForwardID?
        /// The number of the libslirp instance whose socket it is.
        fileprivate(set) var shard: Int32 = 0
        /// Told apart from the slot's earlier tenants in epoll's tokens.
        fileprivate(set) var generation: UInt32 = 0

        /// What libslirp asked for in the fill numbered `fill`.
        var requested: Interest = []
        var fill: UInt64 = 0
        /// What the epoll set watches; empty: the descriptor is not in the set.
        var armed: Interest = []
        /// What it was found ready for in the poll that is going on.
        var ready: Interest = []
        /// What libslirp is told of that.
        var reported: Interest { ready.intersection(requested) }
        /// Readable, but not reported so far because the guest's port had no room.
        var isWithheld = false
        /// The relay reads it: libslirp is not told that it is readable.
        var isRelayed = false

        var tcp = TCPFlow()
    }

    /// How many sockets one libslirp instance has.
    struct Population: Equatable {
        fileprivate(set) var flows = 0
        /// Of `flows`, those of TCP.
        fileprivate(set) var connections = 0
    }

    /// Indexed by slot.
    private var sockets: [Socket] = []
    private var freeSlots: [Int32] = []
    /// Indexed by descriptor; -1 = none.
    private var slotOfDescriptor: [Int32] = []
    /// Open addressing by key with linear probing: slots, -1 = empty. A power of two, at most half full.
    private var buckets = [Int32](repeating: -1, count: 16)
    private var keyCount = 0
    private var aliases = FlowIndex()
    private var aliasCount = 0
    private var counts = [Int](repeating: 0, count: FlowKind.allCases.count)
    /// By the number of the libslirp instance.
    private var populations: [Population] = []
    private let seed: UInt64

    init(seed: UInt64 = .random(in: .min ... .max)) {
        self.seed = seed
    }

    /// Sockets that are there.
    var flowCount: Int { counts[0] + counts[1] + counts[2] }

    func count(of kind: FlowKind) -> Int { counts[Int(kind.rawValue)] }

    /// What one libslirp instance has; nothing if it does not exist.
    func population(ofShard shard: Int) -> Population {
        shard < populations.count ? populations[shard] : Population()
    }

    /// Slots in use are below this.
    var slotCount: Int { sockets.count }

    /// In place: read of it what is needed, for a copy of a socket is long.
    subscript(slot: Int) -> Socket {
        @inline(__always) _read { yield sockets[slot] }
        @inline(__always) _modify { yield &sockets[slot] }
    }

    /// Whether the slot has a socket, and the one that `generation` was given for.
    func isCurrent(_ slot: Int, generation: UInt32) -> Bool {
        sockets.indices.contains(slot) && sockets[slot].descriptor >= 0 && sockets[slot].generation == generation
    }

    func slot(ofDescriptor descriptor: Int32) -> Int? {
        guard descriptor >= 0, Int(descriptor) < slotOfDescriptor.count else { return nil }
        let slot = slotOfDescriptor[Int(descriptor)]
        return slot < 0 ? nil : Int(slot)
    }

    @inline(__always)
    func slot(of key: FlowKey) -> Int? {
        let mask = buckets.count - 1
        var index = Int(truncatingIfNeeded: key.hash(seed: seed)) & mask
        while true {
            let slot = buckets[index]
            if slot < 0 { return aliasCount == 0 ? nil : self.slot(ofAlias: key) }
            if sockets[Int(slot)].key == key { return Int(slot) }
            index = (index + 1) & mask
        }
    }

    @inline(never)
    private func slot(ofAlias key: FlowKey) -> Int? {
        aliases.slot(hash(ofAlias: key)) { sockets[$0].alias == key }
    }

    private func hash(ofAlias key: FlowKey) -> UInt32 { UInt32(truncatingIfNeeded: key.hash(seed: seed)) }

    /// Adds a socket. One that is there under the same descriptor or key is forgotten first: it has gone unannounced.
    ///
    /// - Parameters:
    ///   - shard: the number of the libslirp instance that has made it.
    @discardableResult
    mutating func insert(
        descriptor: Int32, kind: FlowKind, key: FlowKey? = nil, tcp: TCPFlow = TCPFlow(), shard: Int = 0,
        forward: ForwardID? = nil
    ) -> Int {
        remove(descriptor: descriptor)
        let slot: Int
        if let free = freeSlots.popLast() {
            slot = Int(free)
        } else {
            slot = sockets.count
            sockets.append(Socket())
        }
        let generation = sockets[slot].generation
        sockets[slot] = Socket()
        sockets[slot].generation = generation &+ 1
        sockets[slot].descriptor = descriptor
        sockets[slot].kind = kind
        sockets[slot].shard = Int32(shard)
        sockets[slot].tcp = tcp
        sockets[slot].forward = forward
        count(kind, of: shard, by: 1)
        while slotOfDescriptor.count <= Int(descriptor) { slotOfDescriptor.append(-1) }
        slotOfDescriptor[Int(descriptor)] = Int32(slot)
        if let key { name(slot, key) }
        return slot
    }

    private mutating func count(_ kind: FlowKind, of shard: Int, by change: Int) {
        counts[Int(kind.rawValue)] += change
        while populations.count <= shard { populations.append(Population()) }
        populations[shard].flows += change
        if kind == .tcp { populations[shard].connections += change }
    }

    /// Says which flow the socket in `slot` serves, when that is known only after it was added.
    ///
    /// - Parameter alias: what libslirp knows it by, if not by `key`; it is found by either.
    mutating func name(_ slot: Int, _ key: FlowKey, alias: FlowKey) {
        name(slot, key)
        guard alias != key else { return }
        sockets[slot].alias = alias
        aliases.insert(hash(ofAlias: alias), slot: slot)
        aliasCount += 1
    }

    private mutating func name(_ slot: Int, _ key: FlowKey) {
        if let older = self.slot(of: key) { forgetKey(of: older) }
        if (keyCount + 1) * 2 > buckets.count { grow() }
        sockets[slot].key = key
        place(slot, key)
        keyCount += 1
    }

    /// Forgets a socket; what it was last, if it was there.
    @discardableResult
    mutating func remove(descriptor: Int32) -> Socket? {
        guard let slot = slot(ofDescriptor: descriptor) else { return nil }
        let removed = sockets[slot]
        forgetKey(of: slot)
        forgetAlias(of: slot)
        if let kind = removed.kind { count(kind, of: Int(removed.shard), by: -1) }
        slotOfDescriptor[Int(descriptor)] = -1
        sockets[slot].descriptor = -1
        sockets[slot].kind = nil
        sockets[slot].forward = nil
        sockets[slot].armed = []
        sockets[slot].ready = []
        sockets[slot].isWithheld = false
        freeSlots.append(Int32(slot))
        return removed
    }

    private mutating func forgetAlias(of slot: Int) {
        guard let alias = sockets[slot].alias else { return }
        sockets[slot].alias = nil
        aliases.remove(hash(ofAlias: alias), slot: slot)
        aliasCount -= 1
    }

    private mutating func place(_ slot: Int, _ key: FlowKey) {
        let mask = buckets.count - 1
        var index = Int(truncatingIfNeeded: key.hash(seed: seed)) & mask
        while buckets[index] >= 0 { index = (index + 1) & mask }
        buckets[index] = Int32(slot)
    }

    private mutating func grow() {
        let old = buckets
        buckets = [Int32](repeating: -1, count: old.count * 2)
        for slot in old where slot >= 0 {
            if let key = sockets[Int(slot)].key { place(Int(slot), key) }
        }
    }

    /// Takes the key out of the buckets and moves what was pushed along by it back (Knuth, 6.4, algorithm R).
    private mutating func forgetKey(of slot: Int) {
        guard let key = sockets[slot].key else { return }
        sockets[slot].key = nil
        let mask = buckets.count - 1
        var hole = Int(truncatingIfNeeded: key.hash(seed: seed)) & mask
        while buckets[hole] != Int32(slot) { hole = (hole + 1) & mask }
        buckets[hole] = -1
        keyCount -= 1
        var index = (hole + 1) & mask
        while buckets[index] >= 0 {
            let moved = buckets[index]
            if let other = sockets[Int(moved)].key {
                let home = Int(truncatingIfNeeded: other.hash(seed: seed)) & mask
                // Its home is not between the hole and where it stands: it may move up to the hole.
                if (index - home) & mask >= (index - hole) & mask {
                    buckets[hole] = moved
                    buckets[index] = -1
                    hole = index
                }
            }
            index = (index + 1) & mask
        }
    }
}
