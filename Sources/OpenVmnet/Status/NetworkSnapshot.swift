import VmnetDHCP
import VmnetNAT
import VmnetPorts
import VmnetSwitch
import VmnetWire

/// What is copied of a network while its lock is held; what a status says of it is put together afterwards.
struct NetworkSnapshot {
    struct Port {
        let id: PortID
        let origin: String
        let isIsolated: Bool
        let identity: InterfaceID?
        let counters: PortCounters
        let queue: QueueDepth
        let flowCount: Int
        let nat: NATCounters
        /// Those that the DHCP server knows to be there.
        let stations: Set<MACAddress>
    }

    /// The network's name.
    let name: String
    let ports: [Port]
    /// nil unless the network is bridged.
    let uplink: UplinkStatus?
    let departed: PortCounters
    let leaseCount: Int
    let sightings: [Sighting]
    /// Running ones, of the stations of all ports.
    let leases: [MACAddress: Lease]
    /// As ARP says.
    let neighbours: [MACAddress: [IPv4Address]]
}

extension NetworkState {
    /// What the switch knows of stations.
    var sightings: [Sighting] { `switch`.table.sightings(now: Uptime(.now)) }

    /// Running leases, and ended ones that are remembered; none without a DHCP server.
    var leases: [Lease] {
        mutating get { dhcp?.leases ?? [] }
    }

    var snapshot: NetworkSnapshot {
        mutating get { takeSnapshot() }
    }

    private mutating func takeSnapshot() -> NetworkSnapshot {
        let ports = attachments.all.map { attachment in
            attachment.port.countDropsOfTransport()
            return NetworkSnapshot.Port(
                id: attachment.id, origin: attachment.origin, isIsolated: attachment.isIsolated,
                identity: attachment.identity,
                counters: attachment.port.counters, queue: attachment.port.transport.queueDepth,
                flowCount: attachment.nat?.flowCount ?? 0, nat: attachment.nat?.counters ?? NATCounters(),
                stations: dhcp?.stations(on: attachment.id) ?? [])
        }
        let sightings = sightings
        var leases: [MACAddress: Lease] = [:]
        for station in ports.flatMap(\.stations) + sightings.map(\.address) {
            leases[station] = dhcp?.lease(of: station)
        }
        return NetworkSnapshot(
            name: configuration.network.name, ports: ports, uplink: uplink.map(UplinkStatus.init), departed: departed,
            leaseCount: dhcp?.runningLeaseCount ?? 0,
            sightings: sightings, leases: leases,
            neighbours: neighbours.addresses(now: .now))
    }
}

extension NetworkStatus {
    init(_ snapshot: NetworkSnapshot) {
        let seen = Dictionary(grouping: snapshot.sightings, by: \.port).mapValues { Set($0.map(\.address)) }
        ports = snapshot.ports.map { PortStatus($0, seen: seen[$0.id] ?? [], in: snapshot) }
        uplink = snapshot.uplink
        var counters = snapshot.departed
        for port in snapshot.ports { counters.add(port.counters) }
        traffic = TrafficCounters(counters)
        leaseCount = snapshot.leaseCount
        forwardingEntryCount = snapshot.sightings.count
    }
}

extension PortStatus {
    fileprivate init(_ port: NetworkSnapshot.Port, seen: Set<MACAddress>, in snapshot: NetworkSnapshot) {
        let stations = port.stations.union(seen)
        let leases = stations.compactMap { snapshot.leases[$0] }.sorted { $0.hardwareAddress < $1.hardwareAddress }
        let holders = leases.map(\.hardwareAddress)
        let used = stations.flatMap { snapshot.neighbours[$0] ?? [] }
        let macAddresses = holders + stations.subtracting(holders).sorted()
        self.init(
            id: PortNumber(port.id),
            interfaceID: port.identity
                ?? macAddresses.first.map { InterfaceID(network: snapshot.name, macAddress: $0) },
            origin: port.origin, isIsolated: port.isIsolated,
            macAddresses: macAddresses,
            addresses: Set(leases.map(\.address) + used).sorted(),
            hostName: leases.lazy.compactMap(\.hostName?.text).first, traffic: TrafficCounters(port.counters),
            queuedFrames: port.queue.frames, queuedBytes: port.queue.byteCount,
            nat: NATStatus(flows: port.flowCount, port.nat))
    }
}
