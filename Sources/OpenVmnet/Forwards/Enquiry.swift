/// When the segment is asked for guests that say nothing by themselves: at once, and again after 1, 3 and 7 seconds, for a
/// guest that attaches may have to set up its interface first. Then no more: a network sleeps while nothing happens.
struct Enquiry {
    private static let count = 4

    /// When it is asked next; nil: not any more.
    private(set) var due: ContinuousClock.Instant?
    private var remaining = 0
    private var pause = Duration.seconds(1)

    /// None.
    init() {}

    init(from start: ContinuousClock.Instant) {
        due = start
        remaining = Self.count
    }

    var isOpen: Bool { remaining > 0 }

    /// Whether the time has come; if so, the next one is set.
    mutating func take(now: ContinuousClock.Instant) -> Bool {
        guard let time = due, time <= now else { return false }
        remaining -= 1
        due = isOpen ? now + pause : nil
        pause *= 2
        return true
    }
}
