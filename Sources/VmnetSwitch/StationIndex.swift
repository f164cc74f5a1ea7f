import VmnetWire

/// A hash table of stations: open addressing, linear probing, at most half full.
///
/// Guests choose the addresses, so where one is kept depends on two random numbers that they do not know: none can choose
/// addresses that lie in each other's way, and a look takes one or two steps whatever is in the table.
struct StationIndex: Sendable {
    struct Entry: Sendable {
        /// As `MACAddress.bits`; `vacant` for none.
        fileprivate var key: UInt64
        var port: PortID
        var lastSeen: Uptime

        var address: MACAddress { MACAddress(bits: key) }
        var isVacant: Bool { key == StationIndex.vacant }
    }

    /// More than 48 bits: no address.
    private static var vacant: UInt64 { .max }
    private static let smallestCapacity = 16

    private let seed: (UInt64, UInt64)
    /// A power of two of them.
    private(set) var slots: [Entry]
    private(set) var count = 0

    init(using random: inout some RandomNumberGenerator) {
        // A factor must not be even, or the product loses bits.
        seed = (random.next(), random.next() | 1)
        slots = Self.vacancies(Self.smallestCapacity)
    }

    private static func vacancies(_ count: Int) -> [Entry] {
        [Entry](
            repeating: Entry(key: vacant, port: PortID(rawValue: 0), lastSeen: Uptime(seconds: 0)), count: count)
    }

    /// What is known of a station.
    @inline(__always)
    subscript(address: MACAddress) -> Entry? {
        let entry = slots[slot(of: address)]
        return entry.isVacant ? nil : entry
    }

    /// Notes where and when a station was seen, which may be known already.
    mutating func note(_ address: MACAddress, _ port: PortID, _ now: Uptime) {
        var slot = slot(of: address)
        if slots[slot].isVacant {
            if 2 * (count + 1) > slots.count {
                rebuild(capacity: 2 * slots.count) { _ in true }
                slot = self.slot(of: address)
            }
            count += 1
        }
        slots[slot] = Entry(key: address.bits, port: port, lastSeen: now)
    }

    /// Removes every entry that is not to be kept, and gives back the memory that they took.
    mutating func removeAll(except isKept: (Entry) -> Bool) {
        let kept = slots.count { !$0.isVacant && isKept($0) }
        var capacity = Self.smallestCapacity
        while capacity < 2 * kept { capacity *= 2 }
        rebuild(capacity: capacity, isKept)
    }

    /// The entries, in no order.
    var entries: some Sequence<Entry> { slots.lazy.filter { !$0.isVacant } }

    private mutating func rebuild(capacity: Int, _ isKept: (Entry) -> Bool) {
        let old = slots
        slots = Self.vacancies(capacity)
        count = 0
        for entry in old where !entry.isVacant && isKept(entry) {
            slots[slot(of: entry.address)] = entry
            count += 1
        }
    }

    /// Where the address is, or would be. There is always a vacant slot to stop at.
    @inline(__always)
    private func slot(of address: MACAddress) -> Int {
        let mask = slots.count - 1
        // Twice, because after once addresses in a row still lie in a row, or evenly apart.
        var mixed = (address.bits ^ seed.0) &* seed.1
        mixed = (mixed ^ mixed >> 32) &* seed.1
        var slot = Int(truncatingIfNeeded: mixed >> 32) & mask
        while slots[slot].key != address.bits, !slots[slot].isVacant { slot = (slot + 1) & mask }
        return slot
    }
}
