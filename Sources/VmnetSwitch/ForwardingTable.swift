package import VmnetWire

/// Which port a MAC address was last seen on (IEEE 802.1D, 7.9), bounded and ageing.
package struct ForwardingTable: Sendable {
    /// 802.1D's recommended ageing time, table 7-5.
    package static let defaultAge: Duration = .seconds(300)
    /// Addresses one port may hold. A guest that invents more is flooded to, as before it was known; it cannot push
    /// out another guest's entry.
    package static let entriesPerPort = 1024
    /// What of them stays as long as the port does: frames from the physical network find a guest that was silent for long.
    private static let entriesKeptPerPort = 16
    /// Stations of the physical network that are known at a time. To the others, frames go as to anybody unknown.
    package static let uplinkEntries = 8192
    /// In seconds: a station that the physical network was heard from is not a guest's for so long, whatever a guest says.
    /// One that has moved here, such as a guest from another host, is a guest's afterwards.
    private static let uplinkHold: UInt32 = 2

    /// In seconds.
    private let age: UInt32
    private var stations: StationIndex
    /// How many addresses each port holds, by its place.
    private var counts: [Int32] = []
    /// No address was last seen before.
    private var oldest: Uptime?
    /// Changes whenever the addresses of guests do.
    package private(set) var guestRevision: UInt64 = 0

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

    /// The guest's port that `address` was last seen on, however long ago: a guest that only serves may be silent for
    /// longer than the ageing time.
    package func guestPort(of address: MACAddress) -> PortID? {
        guard let entry = stations[address], entry.port != .uplink else { return nil }
        return entry.port
    }

    /// The addresses of all guests, in no order, those that have aged included.
    package var guestAddresses: [MACAddress] {
        stations.entries.filter { $0.port != .uplink }.map(\.address)
    }

    /// Notes a frame from `address` on `port`. Group addresses are nobody's and are never learned.
    @inline(__always)
    package mutating func learn(_ address: MACAddress, on port: PortID, now: Uptime) {
        // Nearly every frame comes from where the last one did, within the same second.
        if let entry = stations[address], entry.port == port, entry.lastSeen == now { return }
        note(address, on: port, now: now)
    }

    /// The same for an address that is not another's: one that was seen elsewhere within the ageing time stays there.
    ///
    /// - Returns: whether it is not another's.
    @inline(__always)
    package mutating func claim(_ address: MACAddress, for port: PortID, now: Uptime) -> Bool {
        if let entry = stations[address] {
            if entry.port != port {
                if now.isWithin(age, of: entry.lastSeen) { return false }
            } else if entry.lastSeen == now {
                return true
            }
        }
        note(address, on: port, now: now)
        return true
    }

    /// Forgets every address of a port that has gone.
    package mutating func forget(_ port: PortID) {
        guard port.place < counts.count, counts[port.place] > 0 else { return }
        keep { $0.port != port }
        guestRevision &+= 1
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
        let known = stations[address]
        if known?.port != port {
            if let known, known.port == .uplink, now.isWithin(Self.uplinkHold, of: known.lastSeen) { return }
            guard makeRoom(on: port, now: now) else { return }
            if port != .uplink || known.map({ $0.port != .uplink }) == true { guestRevision &+= 1 }
            // If it has aged, making room may have removed it.
            if let left = stations[address]?.port { counts[left.place] -= 1 }
            counts[port.place] += 1
        }
        stations.note(address, port, now)
        if oldest == nil { oldest = now }
    }

    /// Whether `port` may hold one more address; those that have aged go, all ports', if they must: but for the few of an
    /// ordinary guest.
    private mutating func makeRoom(on port: PortID, now: Uptime) -> Bool {
        while counts.count <= port.place { counts.append(0) }
        let capacity = port == .uplink ? Self.uplinkEntries : Self.entriesPerPort
        if counts[port.place] < capacity { return true }
        // While none can have aged there is nothing to look through: at most once a second it is done, else each frame
        // of a guest that invents addresses would cost a pass over them.
        guard let oldest, !now.isWithin(age, of: oldest) else { return false }
        keep { [age, counts] entry in
            now.isWithin(age, of: entry.lastSeen)
                || entry.port != .uplink && counts[entry.port.place] <= Self.entriesKeptPerPort
        }
        return counts[port.place] < capacity
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
