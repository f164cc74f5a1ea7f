import Figures

/// Guests with a path to the host.
struct Seat {
    let guests: [Namespace]
    let attachment: Attachment
    var guest: Namespace { guests[0] }

    init(guests: [Namespace], attachment: Attachment) {
        (self.guests, self.attachment) = (guests, attachment)
    }

    /// Attaches so many new guests.
    init(_ path: any Path, guestCount: Int = 1, mtu: Int) throws {
        guests = try (0..<guestCount).map { _ in path is Loopback ? .host : try Namespace(guest: path.id) }
        attachment = try path.attach(guests, mtu: mtu)
    }

    /// New guests for the time of `body`: they and what carries their packets live until it is done, and no longer.
    static func with<Result>(
        _ path: any Path, guestCount: Int = 1, mtu: Int = 1500, _ body: (Seat) throws -> Result
    ) throws -> Result {
        let seat = try Seat(path, guestCount: guestCount, mtu: mtu)
        return try withExtendedLifetime(seat) { try body(seat) }
    }

    /// Runs iperf3 between the guest and the host: Gbit/s that arrived, and the carriers' processor seconds for a gigabyte;
    /// nil where nothing carries, or has arrived.
    func transfer(_ options: [String]) throws -> (gigabits: Double, cost: Double?) {
        let before = attachment.processorSeconds
        let received = try Iperf3(from: guest, to: attachment.host, options: options).finish().received
        let used = attachment.processorSeconds - before
        let isCounted = !attachment.carriers.isEmpty && received.bytes > 0
        return (received.bitsPerSecond / 1e9, isCounted ? used / (received.bytes / 1e9) : nil)
    }
}

/// Paths in use, each kept for the next measurement that asks for it.
final class Bench {
    private struct Key: Hashable {
        let path: String
        let mtu: Int
    }

    private var seats: [Key: Seat] = [:]

    /// The guest on `path` that others have used before, or a new one.
    func seat(_ path: any Path, mtu: Int) throws -> Seat {
        let key = Key(path: path.id, mtu: mtu)
        if let seat = seats[key] { return seat }
        let seat = try Seat(path, mtu: mtu)
        seats[key] = seat
        return seat
    }

    /// The path's next guest is a new one: this one may have suffered.
    func dismiss(_ path: any Path) {
        seats = seats.filter { $0.key.path != path.id }
    }
}
