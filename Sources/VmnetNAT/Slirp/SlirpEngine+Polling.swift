import VmnetSystem

/// The host's side: sockets that are ready, timers.
extension SlirpEngine {
    /// How often connections are looked through for those that will never end.
    private static let inspectionMilliseconds: Int64 = 30_000

    /// When `poll` must be called although no socket is ready; nil when nothing is under way.
    var deadline: NATTime? {
        let earliest = deadlines.earliest
        guard needsInspection, inspection.nanoseconds < earliest?.nanoseconds ?? .max else { return earliest }
        return inspection
    }

    private var needsInspection: Bool { context.flows.sockets.count(of: .tcp) > 0 || shards.count > 1 }

    /// Learns what libslirp waits for after a batch of `input` and `poll`.
    func finishBatch() {
        inspectIfDue()
        endOver()
        guard !touched.isEmpty else { return }
        for number in touched.numbers {
            guard let shard = shards[Int(number)] else { continue }
            if shard.hasResolved {
                shard.hasResolved = false
                shard.poll(readsSockets: false)
            }
            fill(Int(number))
        }
        touched.removeAll()
    }

    /// Whether `poll` has something to do although no socket has become ready.
    var isDue: Bool {
        ready.isPaused || deadlines.earliest.map { $0.nanoseconds <= context.now.nanoseconds } ?? false
    }

    /// Handles sockets that are ready and timers that are due, in the instances concerned.
    ///
    /// - Parameter room: bytes that the guest's port can still hold. At most one connection for each 128 KiB is read
    ///   from, whatever its instance; the others wait.
    func poll(_ events: borrowing Epoll.EventList, room: Int) {
        gather(events, room: room)
        let readsSockets = ready.hasReady
        while let number = deadlines.popDue(now: context.now) { ready.shards.insert(number) }
        for number in ready.shards.numbers {
            // What it waited for before it was called in this batch is out of date.
            if touched.contains(Int(number)) { fill(Int(number)) }
            shards[Int(number)]?.poll(readsSockets: readsSockets)
            touched.insert(Int(number))
        }
        ready.endPoll(&context.flows.sockets)
    }

    /// Notes what is ready, as far as the guest's port has `room` for what connections bring.
    private func gather(_ events: borrowing Epoll.EventList, room: Int) {
        var budget = ReadyQueue.connections(room: room)
        ready.release(&context.flows.sockets, budget: &budget)
        for index in 0..<events.count {
            ready.note(events[index], in: &context.flows.sockets, budget: &budget)
        }
    }

    func fill(_ number: Int) {
        guard let shard = shards[number] else { return }
        deadlines.set(shard.fill(), for: number)
    }

    // MARK: What is over

    /// Ends connections that will not end by themselves, stops timers that nothing waits for, and releases instances.
    private func inspectIfDue() {
        guard inspection.nanoseconds <= context.now.nanoseconds else { return }
        inspection = context.now.adding(milliseconds: Self.inspectionMilliseconds)
        early.removeAll()
        relay.early.removeIdle()
        let unsettled = reap()
        var spare: [Int] = []
        for (number, shard) in shards.enumerated() {
            guard let shard else { continue }
            if context.flows.sockets.population(ofShard: number).flows > 0 {
                shard.isSpare = false
                if shard.isQuiet, !unsettled.contains(number) { deadlines.set(nil, for: number) }
            } else if shard.isSpare, !shard.host.isFirst, !touched.contains(number) {
                spare.append(number)
            } else {
                // One look later, if it is empty then and not in use at this moment.
                shard.isSpare = true
            }
        }
        release(spare)
    }

    /// Lets go of connections that both sides have ended.
    private func endOver() {
        guard !context.flows.over.isEmpty else { return }
        for slot in context.flows.over where context.flows.sockets[Int(slot)].tcp.isOver { reset(Int(slot)) }
        context.flows.over.removeAll(keepingCapacity: true)
    }

    /// Resets connections that the guest has forgotten: libslirp before 4.9.2 keeps one for ever whose guest went away
    /// while it was being closed. Returns the instances with flows that need libslirp's timers even when they are silent.
    private func reap() -> ShardSet {
        var unsettled = ShardSet()
        for slot in 0..<context.flows.sockets.slotCount {
            if context.flows.isForgotten(slot, now: context.now) {
                context.counters.resetConnections += 1
                reset(slot)
            } else {
                vouch(forGuestOf: slot)
            }
            guard let kind = context.flows.sockets[slot].kind,
                kind != .tcp || !context.flows.sockets[slot].tcp.isSettled
            else { continue }
            unsettled.insert(Int(context.flows.sockets[slot].shard))
        }
        return unsettled
    }
}
