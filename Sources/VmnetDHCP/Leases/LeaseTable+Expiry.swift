import VmnetWire

/// What time does to bindings.
extension LeaseTable {
    /// Bounds the work of one call; what is left waits for the next.
    private static let expiriesPerCall = 64

    /// Ends what is due.
    mutating func expire(now: LeaseTime) {
        for _ in 0..<Self.expiriesPerCall {
            guard expireNext(now: now) else { return }
        }
    }

    /// Ends the next thing that is due.
    ///
    /// - Returns: false when nothing is.
    mutating func expireNext(now: LeaseTime) -> Bool {
        for state in [Binding.State.offered, .leased, .quarantined] {
            guard let entry = queues[state.rawValue].first, entry.time <= now else { continue }
            _ = queues[state.rawValue].popFirst()
            if let binding = bindings[entry.address], binding.stamp == entry.stamp { expire(binding, now: now) }
            return true
        }
        return false
    }

    private mutating func expire(_ binding: Binding, now: LeaseTime) {
        guard binding.deadline <= now else {
            enqueue(binding.lease.address)
            return
        }
        switch binding.state {
        case .offered: endOffer(binding)
        case .leased where isHeldByStation(binding):
            renew(binding, now: now)
            // Its entry is out of the queue.
            enqueue(binding.lease.address)
        case .leased: remember(binding.lease.address, since: binding.deadline)
        case .remembered: break
        case .quarantined: remove(binding.lease.address)
        }
    }

    mutating func renew(_ binding: Binding, now: LeaseTime) {
        let address = binding.lease.address
        // Never for less than the client was told.
        let expiry = max(now.advanced(by: binding.duration), binding.lease.expiry)
        bindings[address]?.lease.expiry = expiry
        setDeadline(expiry, at: address)
        if let lease = bindings[address]?.lease { changes.append(.set(lease)) }
    }

    mutating func endOffer(_ binding: Binding) {
        if binding.wasLeased {
            remember(binding.lease.address, since: binding.lease.expiry)
        } else {
            remove(binding.lease.address)
        }
    }

    /// Remembers whose the address was, unless only that client can get it anyway.
    mutating func remember(_ address: IPv4Address, since end: LeaseTime) {
        guard !reserved.contains(address) else {
            remove(address)
            return
        }
        setState(.remembered, deadline: end, at: address)
        if count(.remembered) > limits.remembered, let oldest = longestUnused() { remove(oldest) }
    }
}

/// What goes when there is no room.
extension LeaseTable {
    /// The remembered address whose lease ended first.
    mutating func longestUnused() -> IPv4Address? { first(.remembered) }

    mutating func makeRoom() -> Bool {
        guard bindings.count >= limits.bindings else { return true }
        guard let oldest = first(.remembered) ?? first(.offered) else { return false }
        remove(oldest)
        return true
    }

    /// The address whose deadline is the earliest of all in this state. Entries that no longer count are dropped.
    private mutating func first(_ state: Binding.State) -> IPv4Address? {
        while let entry = queues[state.rawValue].first {
            if let binding = bindings[entry.address], binding.stamp == entry.stamp {
                if binding.deadline <= entry.time { return entry.address }
                _ = queues[state.rawValue].popFirst()
                enqueue(entry.address)
            } else {
                _ = queues[state.rawValue].popFirst()
            }
        }
        return nil
    }
}
