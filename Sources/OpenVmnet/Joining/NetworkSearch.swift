/// When a network is looked for that has gone: soon at first, for it may just be restarted, and then once a second.
struct NetworkSearch {
    private static let shortestDelay = Duration.milliseconds(50)
    private static let longestDelay = Duration.seconds(1)
    /// How long one that is found may take to answer: the program may want to stop meanwhile.
    static let patience = Duration.seconds(1)

    private var delay = NetworkSearch.shortestDelay
    /// nil while the network is there, or will not come back.
    private var due: ContinuousClock.Instant?

    /// Whether it is time to look.
    var isDue: Bool { due.map { $0 <= .now } ?? false }

    /// How long there is nothing to do before either time; nil = nothing at all.
    func timeout(until deadline: ContinuousClock.Instant?) -> Duration? {
        let now = ContinuousClock.now
        return Duration.earlier(due.map { $0 - now }, deadline.map { $0 - now }).map { max($0, .zero) }
    }

    /// The network has gone.
    mutating func begin() {
        delay = Self.shortestDelay
        due = .now + delay
    }

    /// It is not there yet.
    mutating func goOn() {
        delay = min(delay * 2, Self.longestDelay)
        due = .now + delay
    }

    /// It is there, or nobody waits for it any more.
    mutating func end() {
        due = nil
    }
}
