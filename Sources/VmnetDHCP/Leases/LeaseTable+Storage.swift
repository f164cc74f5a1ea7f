import VmnetWire

/// The only code that changes a binding: each function keeps all indices and queues in step.
extension LeaseTable {
    /// What has to be written down before the next reply leaves, in order. Empties the list.
    mutating func takeChanges() -> [LeaseChange] {
        // Else what is taken would cost memory of its own, though it is nothing.
        if changes.isEmpty { return [] }
        defer { changes.removeAll(keepingCapacity: true) }
        return changes
    }

    /// Replaces whatever the address, and the client, were bound to.
    mutating func put(_ binding: Binding) {
        let address = binding.lease.address
        remove(address)
        if binding.state != .quarantined {
            if let other = addressOfClient[binding.lease.client] { remove(other) }
            index(binding.lease)
        }
        bindings[address] = binding
        counts[binding.state.rawValue] += 1
        if let index = pool.index(of: address) { used.insert(index) }
        enqueue(address)
    }

    /// Frees the address.
    mutating func remove(_ address: IPv4Address) {
        guard let binding = bindings.removeValue(forKey: address) else { return }
        counts[binding.state.rawValue] -= 1
        if binding.state != .quarantined { unindex(binding.lease) }
        if let index = pool.index(of: address), !reserved.contains(address) { used.remove(index) }
        if binding.isRecorded { changes.append(.forget(address)) }
    }

    mutating func index(_ lease: Lease) {
        let client = lease.client
        addressOfClient[client] = lease.address
        if let identifier = client.identifier { addressOfIdentifier[identifier] = lease.address }
        stations.addBinding(of: lease.hardwareAddress)
    }

    mutating func unindex(_ lease: Lease) {
        let client = lease.client
        addressOfClient[client] = nil
        if let identifier = client.identifier, addressOfIdentifier[identifier] == lease.address {
            addressOfIdentifier[identifier] = nil
        }
        stations.removeBinding(of: lease.hardwareAddress, at: lease.address)
    }

    mutating func setState(_ state: Binding.State, deadline: LeaseTime, at address: IPv4Address) {
        guard let old = bindings[address] else { return }
        counts[old.state.rawValue] -= 1
        counts[state.rawValue] += 1
        bindings[address]?.state = state
        bindings[address]?.deadline = deadline
        enqueue(address)
    }

    /// A later deadline leaves the queue alone: its entry finds out when it is due.
    mutating func setDeadline(_ deadline: LeaseTime, at address: IPv4Address) {
        guard let binding = bindings[address] else { return }
        bindings[address]?.deadline = deadline
        if deadline < binding.queuedTime { enqueue(address) }
    }

    mutating func enqueue(_ address: IPv4Address) {
        guard let binding = bindings[address] else { return }
        lastStamp &+= 1
        bindings[address]?.stamp = lastStamp
        bindings[address]?.queuedTime = binding.deadline
        guard binding.deadline != .never else { return }
        let queue = binding.state.rawValue
        queues[queue].push(DeadlineQueue.Entry(time: binding.deadline, address: address, stamp: lastStamp))
        // Entries of bindings that have moved on stay until they are due; they may not outnumber the others for long.
        guard queues[queue].count > 2 * bindings.count + 64 else { return }
        let bindings = bindings
        queues[queue].removeAll { bindings[$0.address]?.stamp != $0.stamp }
    }
}
