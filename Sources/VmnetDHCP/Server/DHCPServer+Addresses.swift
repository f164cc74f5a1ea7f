import VmnetWire

/// Which address a client gets.
extension DHCPServer {
    /// How many addresses in use by others are skipped before the client has to ask again.
    private static let candidatesPerMessage = 8

    /// The address for a client that has to be given one: the reserved one, the one it has or had, the one it wishes,
    /// the lowest free one, and at last the one that somebody else has not used for the longest time.
    mutating func choose(_ exchange: DHCPExchange, _ neighbour: NeighbourLookup) -> IPv4Address? {
        let client = exchange.client
        if let reserved = availableReservation(for: client) { return reserved }
        if let own = table.claim(of: client, neighbour: neighbour), reservedAddresses[own.lease.address] == nil,
            own.state != .remembered || !isInConflict(own.lease.address, exchange, neighbour)
        {
            table.transfer(own, to: client)
            return own.lease.address
        }
        if let wish = exchange.message.options[.requestedAddress], table.isFree(wish),
            !isInConflict(wish, exchange, neighbour)
        {
            return wish
        }
        for _ in 0..<Self.candidatesPerMessage {
            guard let candidate = nextCandidate(now: exchange.now) else { return nil }
            guard isInConflict(candidate, exchange, neighbour) else { return candidate }
        }
        return nil
    }

    private mutating func nextCandidate(now: LeaseTime) -> IPv4Address? {
        repeat {
            if let address = table.lowestFree ?? table.longestUnused() { return address }
        } while table.expireNext(now: now)
        return nil
    }

    /// Whether the client may go on with, or begin to use, the address that it names.
    mutating func mayHave(
        _ address: IPv4Address, _ exchange: DHCPExchange, _ neighbour: NeighbourLookup
    ) -> Bool {
        let client = exchange.client
        if let reserved = availableReservation(for: client) { return reserved == address }
        let own = table.claim(of: client, neighbour: neighbour)
        guard reservedAddresses[address] == nil else {
            // It was this client's before it was reserved for another one, who is waiting for it.
            if own?.lease.address == address { table.release(address, now: exchange.now) }
            return false
        }
        guard let own else { return table.isFree(address) && !isInConflict(address, exchange, neighbour) }
        guard own.lease.address == address,
            own.state != .remembered || !isInConflict(address, exchange, neighbour)
        else { return false }
        table.transfer(own, to: client)
        return true
    }

    /// Whether another station uses an address that nobody leases. Then nobody gets it for a while; or the station that
    /// had it before goes on having it, when it is the one that does.
    private mutating func isInConflict(
        _ address: IPv4Address, _ exchange: DHCPExchange, _ neighbour: NeighbourLookup
    ) -> Bool {
        guard let user = neighbour(address), user != exchange.client.hardwareAddress else { return false }
        counters.countConflict()
        if var lease = table.binding(at: address)?.lease, lease.hardwareAddress == user {
            lease.expiry = exchange.now.advanced(by: configuration.leaseDuration)
            _ = table.bind(lease, for: configuration.leaseDuration)
        } else {
            quarantine(address, exchange)
        }
        return true
    }

    mutating func quarantine(_ address: IPv4Address, _ exchange: DHCPExchange) {
        table.quarantine(
            address, foundBy: exchange.client.hardwareAddress,
            until: exchange.now.advanced(by: configuration.quarantineDuration))
    }

    /// Holds an address that `choose` chose.
    ///
    /// - Returns: false when there is no room.
    mutating func offer(_ address: IPv4Address, _ exchange: DHCPExchange) -> Bool {
        let isNew = table.binding(of: exchange.client) == nil
        let lease = lease(of: address, exchange, for: configuration.offerDuration)
        guard table.offer(lease, until: lease.expiry) else { return false }
        noteSuccess(exchange, isNew: isNew)
        return true
    }

    /// Leases an address that `choose` chose, or that the client may have.
    ///
    /// - Returns: false when there is no room.
    mutating func bind(_ address: IPv4Address, _ exchange: DHCPExchange, for duration: DHCPDuration) -> Bool {
        let isNew = table.binding(of: exchange.client) == nil
        guard table.bind(lease(of: address, exchange, for: duration), for: duration) else { return false }
        noteSuccess(exchange, isNew: isNew)
        return true
    }

    private mutating func noteSuccess(_ exchange: DHCPExchange, isNew: Bool) {
        if isNew { isPoolExhausted = false }
        // What a relay speaks for is not attached here.
        guard !exchange.isRelayed else { return }
        table.note(exchange.message.hardwareAddress, on: exchange.origin.attachment)
    }

    private func lease(of address: IPv4Address, _ exchange: DHCPExchange, for duration: DHCPDuration) -> Lease {
        Lease(
            address: address, hardwareAddress: exchange.message.hardwareAddress,
            identifier: configuration.limitsStationsToOneAddress ? nil : exchange.message.options[.clientIdentifier],
            hostName: hostName(exchange),
            expiry: exchange.now.advanced(by: duration))
    }

    func reservation(for client: LeaseClient) -> DHCPReservation? {
        guard !reservations.isEmpty else { return nil }
        return client.identifier.flatMap { reservations[.identifier($0)] }
            ?? reservations[.identifier(DHCPClientIdentifier(ethernet: client.hardwareAddress))]
            ?? reservations[.hardwareAddress(client.hardwareAddress)]
    }

    /// The address reserved for the client, unless a lease from before the reservation, or a quarantine, is in the way.
    private func availableReservation(for client: LeaseClient) -> IPv4Address? {
        guard let address = reservation(for: client)?.address else { return nil }
        guard let binding = table.binding(at: address) else { return address }
        return binding.state != .quarantined && binding.lease.client == client ? address : nil
    }

    /// Whether a host of this subnet, other than the server, can have the address.
    func isOnLink(_ address: IPv4Address) -> Bool {
        let subnet = configuration.subnet
        return subnet.contains(address) && address != configuration.gateway && address != subnet.network
            && address != subnet.broadcast
    }
}
