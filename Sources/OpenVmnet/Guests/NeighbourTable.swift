import VmnetWire

/// Which station was last seen to use an IPv4 address, as its ARP packets say: what the DHCP server asks instead of
/// pinging an address before it gives it away.
struct NeighbourTable {
    /// The usual age of an ARP entry (RFC 1122, 2.3.2.1 asks for some minutes).
    private static let age = Duration.seconds(300)
    /// When full, everything is learned anew: stations announce themselves often.
    private static let capacity = 4096

    private var entries: [IPv4Address: (station: MACAddress, lastSeen: ContinuousClock.Instant)] = [:]

    /// Learns from an Ethernet frame if it is an ARP packet; the sender's address 0 is a probe (RFC 5227, 2.1.1).
    ///
    /// - Returns: whether the address was unknown, or another station's.
    mutating func learn(from frame: Span<UInt8>, now: ContinuousClock.Instant) -> Bool {
        guard let packet = try? ARPPacket(parsing: frame.extracting(droppingFirst: EthernetHeader.byteCount)),
            packet.senderAddress != .any
        else { return false }
        let known = station(at: packet.senderAddress, now: now)
        if entries.count >= Self.capacity, entries[packet.senderAddress] == nil { entries.removeAll() }
        entries[packet.senderAddress] = (packet.senderMAC, now)
        return known != packet.senderMAC
    }

    /// Who uses which address, the one heard of last behind the others.
    func stations(now: ContinuousClock.Instant) -> [(address: IPv4Address, station: MACAddress)] {
        entries.filter { now - $0.value.lastSeen < Self.age }
            .sorted { $0.value.lastSeen < $1.value.lastSeen }
            .map { ($0.key, $0.value.station) }
    }

    /// Who uses the address, if somebody does.
    func station(at address: IPv4Address, now: ContinuousClock.Instant) -> MACAddress? {
        guard let entry = entries[address], now - entry.lastSeen < Self.age else { return nil }
        return entry.station
    }

    /// What each station was seen to use.
    func addresses(now: ContinuousClock.Instant) -> [MACAddress: [IPv4Address]] {
        Dictionary(
            entries.filter { now - $0.value.lastSeen < Self.age }.map { ($0.value.station, [$0.key]) },
            uniquingKeysWith: +)
    }

    /// Forgets stations of a guest that has left.
    mutating func forget(_ stations: [MACAddress]) {
        entries = entries.filter { !stations.contains($0.value.station) }
    }
}
