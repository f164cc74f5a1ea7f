package import VmnetWire

/// Which port a MAC address was last seen on (IEEE 802.1D, 7.9), bounded and ageing.
package struct ForwardingTable: Sendable {
    /// 802.1D's recommended ageing time, table 7-5.
    package static let defaultAge: Duration = .seconds(300)
    /// Addresses one port may hold. A guest that invents more is flooded to, as before it was known; it cannot push
    /// out another guest's entry.
    package static let entriesPerPort = 1024

    /// Time since the clock's epoch: an instant itself has no layout that the compiler may know, so that each copy of an
    /// entry would go through the runtime.
    private typealias Moment = Duration

    private struct Entry {
        var port: PortID
        var lastSeen: Moment
    }

    /// What one port holds.
    private struct Holding {
        var addresses: Set<MACAddress> = []
        /// No address was last seen before.
        var oldest: Moment
    }

    private let age: Duration
    private var entries: [MACAddress: Entry] = [:]
    private var holdings: [PortID: Holding] = [:]
    /// What was noted last: frames come in batches from one station, and only the first of a batch looks it up.
    private var latest: (address: MACAddress, entry: Entry)?

    package init(age: Duration = ForwardingTable.defaultAge) {
        self.age = age
    }

    /// Addresses held, aged ones that nobody has looked through yet included.
    package var count: Int { entries.count }

    /// The port that `address` was seen on within the ageing time.
    package func port(of address: MACAddress, now: ContinuousClock.Instant) -> PortID? {
        guard let entry = entries[address], Self.moment(now) - entry.lastSeen < age else { return nil }
        return entry.port
    }

    /// Notes a frame from `address` on `port`. Group addresses are nobody's and are never learned.
    package mutating func learn(_ address: MACAddress, on port: PortID, now: ContinuousClock.Instant) {
        guard !address.isMulticast else { return }
        let now = Self.moment(now)
        // Refreshed once a second at most: the table stays as it is for nearly every frame.
        if let latest, latest.address == address, latest.entry.port == port, now - latest.entry.lastSeen < .seconds(1) {
            return
        }
        var entry = Entry(port: port, lastSeen: now)
        if let known = entries[address], known.port == port {
            if now - known.lastSeen < .seconds(1) { entry = known } else { entries[address] = entry }
        } else {
            guard makeRoom(on: port, now: now) else { return }
            if let moved = entries.updateValue(entry, forKey: address) {
                holdings[moved.port]?.addresses.remove(address)
            }
            holdings[port, default: Holding(oldest: now)].addresses.insert(address)
        }
        latest = (address, entry)
    }

    /// Forgets every address of a port that has gone.
    package mutating func forget(_ port: PortID) {
        latest = nil
        for address in holdings.removeValue(forKey: port)?.addresses ?? [] { entries[address] = nil }
    }

    /// The addresses seen on `port` within the ageing time, in order.
    package func addresses(on port: PortID, now: ContinuousClock.Instant) -> [MACAddress] {
        (holdings[port]?.addresses ?? []).filter { self.port(of: $0, now: now) == port }.sorted()
    }

    /// Whether `port` may hold one more address; those that have aged go if they must.
    private mutating func makeRoom(on port: PortID, now: Moment) -> Bool {
        guard let full = holdings[port], full.addresses.count >= Self.entriesPerPort else { return true }
        // While none can have aged there is nothing to look through: else each frame of a guest that invents
        // addresses would cost a pass over them.
        guard now - full.oldest >= age else { return false }
        var left = Holding(oldest: now)
        for address in full.addresses {
            guard let entry = entries[address], now - entry.lastSeen < age else {
                entries[address] = nil
                continue
            }
            left.addresses.insert(address)
            left.oldest = min(left.oldest, entry.lastSeen)
        }
        holdings[port] = left
        return left.addresses.count < Self.entriesPerPort
    }

    private static let epoch = ContinuousClock().systemEpoch

    private static func moment(_ instant: ContinuousClock.Instant) -> Moment { instant - epoch }
}
