import VmnetSwitch

/// When an interface is opened again that is there and could not be opened: soon at first, then ever more rarely, and at
/// once when something about it has changed. Each try may start a process.
struct RetrySchedule {
    private static let shortestDelay = Duration.seconds(1)
    private static let longestDelay = Duration.seconds(30)

    /// When the next try is due; nil = when there is news of the interface.
    private(set) var due: ContinuousClock.Instant?
    private var delay = RetrySchedule.shortestDelay
    /// An interface that changes all the time is no reason to start processes all the time.
    private var newsLimit = TokenBucket(perSecond: 1, burst: 10)

    /// Whether it is time to try, which is then done.
    mutating func takeDue(now: ContinuousClock.Instant) -> Bool {
        guard let due, due <= now else { return false }
        self.due = nil
        return true
    }

    /// Whether to try now that something about the interface has changed. After too much news, a try is due later.
    mutating func takeNews(now: ContinuousClock.Instant) -> Bool {
        guard newsLimit.take(at: now) else {
            let later = now + Self.shortestDelay
            due = min(due ?? later, later)
            return false
        }
        due = nil
        return true
    }

    /// It could not be opened.
    mutating func postpone(now: ContinuousClock.Instant) {
        due = now + delay
        delay = min(delay * 2, Self.longestDelay)
    }

    /// It is open, or has gone: the next failure is a first one.
    mutating func end() {
        due = nil
        delay = Self.shortestDelay
    }
}
