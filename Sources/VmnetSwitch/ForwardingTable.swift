package import VmnetWire

/// Which port a MAC address was last seen on (IEEE 802.1D, 7.9), bounded and ageing.
package struct ForwardingTable: Sendable {
    /// 802.1D's recommended ageing time, table 7-5.
    package static let defaultAge: Duration = .seconds(300)
    /// Addresses one port may hold. A guest that invents more is flooded to, as before it was known; it cannot push
    /// out another guest's entry.
    package static let entriesPerPort = 1024

    /// In seconds.
    private let age: UInt32
    private var stations: StationIndex
    /// How many addresses each port holds, by its place.
    private var counts: [Int32] = []
    /// No address was last seen before.
    private var oldest: Uptime?

    /// - Parameters:
    ///   - age: how long a silent station is remembered; whole seconds count.
    ///   - random: where in memory a station is kept must be unknown to guests.
    package init(age: Duration = ForwardingTable.defaultAge, using random: inout some RandomNumberGenerator) {
        self.age = UInt32(clamping: age.components.seconds)
        stations = StationIndex(using: &random)
    }

    package init(age: Duration = ForwardingTable.defaultAge) {
        var random = SystemRandomNumberGenerator()
        self.init(age: age, using: &random)
    }

    /// Addresses held, aged ones that nobody has looked through yet included.
    package var count: Int { stations.count }

    /// The port that `address` was seen on within the ageing time.
    @inline(__always)
    package func port(of address: MACAddress, now: Uptime) -> PortID? {
        guard let entry = stations[address], now.isWithin(age, of: entry.lastSeen) else { return nil }
        return entry.port
    }

    /// Notes a frame from `address` on `port`. Group addresses are nobody's and are never learned.
    @inline(__always)
    package mutating func learn(_ address: MACAddress, on port: PortID, now: Uptime) {
        // Nearly every frame comes from where the last one did, within the same second.
        if let entry = stations[address], entry.port == port, entry.lastSeen == now { return }
        note(address, on: port, now: now)
    }

    /// Forgets every address of a port that has gone.
    package mutating func forget(_ port: PortID) {
        guard port.place < counts.count, counts[port.place] > 0 else { return }
        keep { $0.port != port }
    }

    /// The addresses seen on `port` within the ageing time, in order.
    package func addresses(on port: PortID, now: Uptime) -> [MACAddress] {
        stations.entries.filter { $0.port == port && now.isWithin(age, of: $0.lastSeen) }.map(\.address).sorted()
    }

    /// The stations seen within the ageing time, by address.
    package func sightings(now: Uptime) -> [Sighting] {
        stations.entries.filter { now.isWithin(age, of: $0.lastSeen) }
            .map { Sighting(address: $0.address, port: $0.port, age: now.seconds &- $0.lastSeen.seconds) }
            .sorted { $0.address < $1.address }
    }

    @inline(never)
    private mutating func note(_ address: MACAddress, on port: PortID, now: Uptime) {
        guard !address.isMulticast else { return }
        let known = stations[address]?.port
        if known != port {
            guard makeRoom(on: port, now: now) else { return }
            // If it has aged, making room may have removed it.
            if let left = stations[address]?.port { counts[left.place] -= 1 }
            counts[port.place] += 1
        }
        stations.note(address, port, now)
        if oldest == nil { oldest = now }
    }

    /// Whether `port` may hold one more address; those that have aged go, all ports', if they must.
    private mutating func makeRoom(on port: PortID, now: Uptime) -> Bool {
        while counts.count <= port.place { counts.append(0) }
        if counts[port.place] < Self.entriesPerPort { return true }
        // While none can have aged there is nothing to look through: at most once a second it is done, else each frame
        // of a guest that invents addresses would cost a pass over them.
        guard let oldest, !now.isWithin(age, of: oldest) else { return false }
        keep { [age] in now.isWithin(age, of: $0.lastSeen) }
        return counts[port.place] < Self.entriesPerPort
    }

    private mutating func keep(_ isKept: (StationIndex.Entry) -> Bool) {
        stations.removeAll(except: isKept)
        for place in counts.indices { counts[place] = 0 }
        oldest = nil
        for entry in stations.entries {
            counts[entry.port.place] += 1
            oldest = min(oldest ?? entry.lastSeen, entry.lastSeen)
        }
    }
}
