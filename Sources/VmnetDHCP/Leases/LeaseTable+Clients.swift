import VmnetWire

/// What clients do to bindings.
extension LeaseTable {
    /// The binding that a client has a claim to: its own, or else the one of the same identifier at a hardware address
    /// that is gone, as far as the table and `neighbour` know.
    func claim(of client: LeaseClient, neighbour: (IPv4Address) -> MACAddress?) -> Binding? {
        if let own = binding(of: client) { return own }
        guard let identifier = client.identifier, let address = addressOfIdentifier[identifier],
            let binding = bindings[address], isGone(binding),
            (neighbour(address) ?? client.hardwareAddress) == client.hardwareAddress
        else { return nil }
        return binding
    }

    /// Makes what the client has a claim to its own.
    mutating func transfer(_ binding: Binding, to client: LeaseClient) {
        guard binding.lease.client != client else { return }
        var lease = binding.lease
        unindex(lease)
        lease.hardwareAddress = client.hardwareAddress
        lease.identifier = client.identifier
        index(lease)
        bindings[lease.address]?.lease = lease
        if binding.isRecorded { changes.append(.set(lease)) }
    }

    /// Whether the station that a binding is of has left. One that was not seen since the server began is not gone
    /// before its lease is.
    private func isGone(_ binding: Binding) -> Bool {
        let station = binding.lease.hardwareAddress
        return stations.attachment(of: station) == nil
            && (binding.state == .remembered || stations.hasDeparted(station))
    }

    /// Holds the address for its client. The address is free, remembered, or the client's own.
    ///
    /// - Returns: false when there is no room for another binding.
    mutating func offer(_ lease: Lease, until deadline: LeaseTime) -> Bool {
        guard let own = binding(of: lease.client), own.lease.address == lease.address else {
            guard bindings[lease.address] != nil || makeRoom() else { return false }
            put(Binding(lease: lease, state: .offered, deadline: deadline))
            return true
        }
        switch own.state {
        case .offered: setDeadline(deadline, at: lease.address)
        case .leased: setDeadline(max(own.deadline, deadline), at: lease.address)
        case .remembered:
            bindings[lease.address]?.wasLeased = true
            setState(.offered, deadline: deadline, at: lease.address)
        case .quarantined: return false
        }
        return true
    }

    /// Leases the address, or renews its lease. The address is free, reserved for the client, or its own.
    ///
    /// - Returns: false when there is no room for another binding.
    mutating func bind(_ lease: Lease, for duration: DHCPDuration) -> Bool {
        if let own = binding(of: lease.client), own.lease.address == lease.address {
            bindings[lease.address]?.lease = lease
            if own.state == .leased {
                setDeadline(lease.expiry, at: lease.address)
            } else {
                setState(.leased, deadline: lease.expiry, at: lease.address)
            }
        } else {
            guard bindings[lease.address] != nil || makeRoom() else { return false }
            put(Binding(lease: lease, state: .leased, deadline: lease.expiry))
        }
        bindings[lease.address]?.duration = duration
        stations.noteLease(of: lease.hardwareAddress, at: lease.address)
        changes.append(.set(lease))
        return true
    }

    /// Ends a lease before its time.
    mutating func release(_ address: IPv4Address, now: LeaseTime) {
        guard let binding = bindings[address], binding.state == .leased else { return }
        bindings[address]?.lease.expiry = now
        if let lease = bindings[address]?.lease { changes.append(.set(lease)) }
        remember(address, since: now)
    }

    /// Takes back what the client was offered.
    mutating func withdrawOffer(to client: LeaseClient) {
        guard let binding = binding(of: client), binding.state == .offered else { return }
        endOffer(binding)
    }

    /// Keeps the address from everybody: somebody uses it who did not get it from us.
    mutating func quarantine(_ address: IPv4Address, foundBy finder: MACAddress, until deadline: LeaseTime) {
        guard bindings[address] != nil || makeRoom() else { return }
        let mark = Lease(address: address, hardwareAddress: finder, expiry: deadline)
        put(Binding(lease: mark, state: .quarantined, deadline: deadline))
    }

    /// Takes over what the lease file says of an address that this table may give to its client.
    mutating func restore(_ lease: Lease, duration: DHCPDuration, now: LeaseTime) {
        guard makeRoom() else { return }
        put(Binding(lease: lease, state: .leased, deadline: lease.expiry, duration: duration))
        stations.noteLease(of: lease.hardwareAddress, at: lease.address)
        if lease.expiry <= now { remember(lease.address, since: lease.expiry) }
    }
}

/// What the coming and going of stations does to them.
extension LeaseTable {
    /// The station asks, or was seen, on `attachment`: its last lease does not end while both stay together.
    mutating func note(_ station: MACAddress, on attachment: DHCPAttachment) {
        stations.arrive(station, on: attachment)
    }

    /// The station was seen on `attachment`, and did not ask. A lease that ended while nobody looked, before the server
    /// began, goes on if that is no longer ago than the lease was long.
    mutating func attach(_ station: MACAddress, to attachment: DHCPAttachment, now: LeaseTime) {
        let isFirstSight = stations.attachment(of: station) == nil && !stations.hasDeparted(station)
        note(station, on: attachment)
        guard isFirstSight, let address = stations.latestAddress(of: station), let binding = bindings[address],
            binding.state == .remembered, now < binding.lease.expiry.advanced(by: binding.duration)
        else { return }
        var lease = binding.lease
        lease.expiry = now.advanced(by: binding.duration)
        _ = bind(lease, for: binding.duration)
    }

    /// The attachment is gone: the leases of its stations begin to run.
    mutating func detach(_ attachment: DHCPAttachment, now: LeaseTime) {
        for station in stations.depart(attachment) {
            guard let address = stations.latestAddress(of: station), let binding = bindings[address],
                binding.state == .leased
            else { continue }
            renew(binding, now: now)
        }
    }
}
