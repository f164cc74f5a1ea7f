package import VmnetWire

/// The DHCP server of one network (RFC 2131), authoritative for its subnet.
///
/// The caller passes every message to port 67 to `answer`, writes `takeChanges` down, and then sends the reply: a lease
/// that a guest knows of is always on the disk already.
package struct DHCPServer: Sendable {
    /// Which station was last seen using an address, as ARP tells; nil when none was. That replaces the ping that other
    /// servers wait for before they offer an address.
    package typealias NeighbourLookup = (IPv4Address) -> MACAddress?

    package let configuration: DHCPServerConfiguration
    package internal(set) var counters = DHCPServerCounters()
    let parameters: DHCPParameters
    let reservations: [DHCPReservation.Client: DHCPReservation]
    let reservedAddresses: [IPv4Address: DHCPReservation]
    var table: LeaseTable
    /// The last client that needed an address from the pool got none.
    var isPoolExhausted = false

    /// - Parameter leases: what the lease file holds. Those that the configuration no longer allows are dropped, so
    ///   that their clients are told to ask anew.
    package init(configuration: DHCPServerConfiguration, restoring leases: [Lease] = [], now: LeaseTime) {
        self.init(configuration: configuration, restoring: leases, limits: LeaseTable.Limits(), now: now)
    }

    init(configuration: DHCPServerConfiguration, restoring leases: [Lease], limits: LeaseTable.Limits, now: LeaseTime) {
        self.configuration = configuration
        parameters = DHCPParameters(configuration)
        let reserved = configuration.reservations
        reservations = Dictionary(reserved.map { ($0.client, $0) }) { first, _ in first }
        reservedAddresses = Dictionary(reserved.map { ($0.address, $0) }) { first, _ in first }
        table = LeaseTable(pool: configuration.pool, reserved: Set(reservedAddresses.keys), limits: limits)
        for var lease in leases.sorted(by: { $0.expiry < $1.expiry }) where mayRestore(lease, now: now) {
            if configuration.limitsStationsToOneAddress { lease.identifier = nil }
            table.restore(lease, duration: configuration.leaseDuration, now: now)
        }
    }

    /// Whose the address is by reservation may have changed; a lease that runs is kept to its end all the same.
    private func mayRestore(_ lease: Lease, now: LeaseTime) -> Bool {
        guard let reservation = reservedAddresses[lease.address] else {
            return configuration.pool.contains(lease.address)
        }
        return lease.expiry > now || self.reservation(for: lease.client) == reservation
    }
}

extension DHCPServer {
    /// Running leases, and ended ones that are remembered, by address.
    package var leases: [Lease] { table.leases }

    /// What the station has leased last, if that lease runs.
    package func lease(of station: MACAddress) -> Lease? {
        guard let address = table.stations.latestAddress(of: station), let binding = table.binding(at: address),
            binding.state == .leased
        else { return nil }
        return binding.lease
    }

    /// The stations with a lease, running or remembered, that are known to be there.
    package func stations(on attachment: DHCPAttachment) -> Set<MACAddress> {
        table.stations.stations(on: attachment)
    }

    /// The leases of stations that are attached, the last one of each, and where they are.
    package var presentLeases: [(lease: Lease, attachment: DHCPAttachment)] { table.presentLeases }

    /// Whether the station has leased the address: what a guard against spoofed source addresses asks.
    package func isLeased(_ address: IPv4Address, to station: MACAddress) -> Bool {
        guard let binding = table.binding(at: address), binding.state == .leased else { return false }
        return binding.lease.hardwareAddress == station
    }

    /// How many addresses are in each state.
    package var leaseCounts: (offered: Int, leased: Int, remembered: Int, quarantined: Int) {
        (table.count(.offered), table.count(.leased), table.count(.remembered), table.count(.quarantined))
    }

    /// When `advance` should be called even if no message comes: a lease ends, or is renewed for an attached guest that
    /// does not do it itself. nil: not before the next message.
    package var nextDeadline: LeaseTime? { table.nextDeadline }

    /// Ends what is due. `answer` does so too.
    package mutating func advance(to now: LeaseTime) {
        table.expire(now: now)
    }

    /// The station was seen on `attachment` by something else than a message of its own. A guest that was there before
    /// the server was may never speak to it, and its lease is not to end.
    ///
    /// A station that is attached stays where it is: anybody can put its address on a frame.
    package mutating func attach(_ station: MACAddress, to attachment: DHCPAttachment, now: LeaseTime) {
        guard table.attachment(of: station) == nil else { return }
        table.attach(station, to: attachment, now: now)
    }

    /// The attachment is gone: the leases of its stations begin to run.
    package mutating func detach(_ attachment: DHCPAttachment, now: LeaseTime) {
        table.detach(attachment, now: now)
    }

    /// What has to be in the lease file before the reply leaves, in order. Empties the list.
    package mutating func takeChanges() -> [LeaseChange] { table.takeChanges() }

    /// Decides about one message to port 67.
    ///
    /// - Parameter neighbour: asked about addresses that are about to be given to a client anew.
    package mutating func answer(
        _ message: DHCPMessage, from origin: DHCPOrigin, now: LeaseTime,
        neighbour: NeighbourLookup = { _ in nil }
    ) -> DHCPAnswer {
        counters.countReceived(message.type)
        table.expire(now: now)
        let exchange = DHCPExchange(
            message: message, origin: origin, now: now, ignoresIdentifier: configuration.limitsStationsToOneAddress)
        let answer = refusal(exchange).map(DHCPAnswer.silence) ?? decide(exchange, neighbour)
        counters.count(answer)
        return answer
    }
}
