import VmnetSwitch

/// What stands behind each port of a network, and the ports' names. Finding it costs no hash: a name says its place.
struct PortTable<Guest> {
    private struct Entry {
        let id: PortID
        let guest: Guest
    }

    /// Place 0 stays free, so that the first guest is number 1.
    private var places: [Entry?] = [nil]
    /// What the next guests in places that others have left are called.
    private var successors: [PortID] = []

    /// Everybody.
    var all: [Guest] { places.compactMap { $0?.guest } }

    /// The name for the next guest; nil when there is no place for one more.
    var nextID: PortID? {
        if let successor = successors.last { return successor }
        return places.count < PortID.placeCount ? PortID(rawValue: UInt32(places.count)) : nil
    }

    /// The guest of that name, if it is still there.
    subscript(id: PortID) -> Guest? {
        guard id.place < places.count, let entry = places[id.place], entry.id == id else { return nil }
        return entry.guest
    }

    /// Adds a guest; `id` is `nextID`.
    mutating func insert(_ guest: Guest, as id: PortID) {
        precondition(id == nextID, "port \(id) is not the next one")
        let entry = Entry(id: id, guest: guest)
        if id.place == places.count {
            places.append(entry)
        } else {
            successors.removeLast()
            places[id.place] = entry
        }
    }

    mutating func remove(_ id: PortID) {
        guard self[id] != nil else { return }
        places[id.place] = nil
        successors.append(id.successor)
    }
}
