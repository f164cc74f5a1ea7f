import VmnetNAT

/// The port forwards of a network, and when their guests are looked for again.
struct ForwardTable {
    /// Looks at everybody on the network that a second may have: a guest that invents addresses costs no more than that.
    private static let looksPerSecond = 16

    private var forwards: [ForwardID: ActiveForward] = [:]
    private var lastID: UInt32 = 0
    /// Somebody has come or gone, or has another address.
    private var hasNews = false
    /// Looks in the second that ends at `secondEnd`.
    private var lookCount = 0
    private var secondEnd = ContinuousClock.now
    /// When what has failed is tried once more.
    private var retryTime: ContinuousClock.Instant? { didSet { hasFailed = retryTime != nil } }
    private var hasFailed = false
    /// When the segment is asked for guests that forwards wait for.
    private var enquiry = Enquiry()

    var isEmpty: Bool { forwards.isEmpty }

    /// In the order in which they were added.
    var all: [ActiveForward] { forwards.values.sorted { $0.id.rawValue < $1.id.rawValue } }

    subscript(id: ForwardID) -> ActiveForward? { forwards[id] }

    /// The name for the next forward.
    mutating func nextID() -> ForwardID {
        lastID &+= 1
        return ForwardID(rawValue: lastID)
    }

    mutating func insert(_ forward: ActiveForward) {
        forwards[forward.id] = forward
    }

    mutating func remove(_ id: ForwardID) {
        forwards[id] = nil
    }

    /// The forward that has the host's side to itself.
    func forward(at host: PortForward.HostSide) -> ActiveForward? {
        forwards.values.first { $0.forward.host == host }
    }

    mutating func noteNews() {
        if !forwards.isEmpty { hasNews = true }
    }

    /// Tries once more what has failed.
    mutating func retry(at time: ContinuousClock.Instant) {
        retryTime = time
    }

    /// A guest has attached, or a forward has come: who serves and says nothing by itself has to be asked.
    mutating func beginEnquiry(now: ContinuousClock.Instant) {
        if !forwards.isEmpty { enquiry = Enquiry(from: now) }
    }

    /// Whether the segment is to be asked now; if so, it is taken as asked.
    mutating func takeEnquiry(now: ContinuousClock.Instant) -> Bool { enquiry.take(now: now) }

    /// Whether guests are to be looked for, now or later: asked in every batch.
    var isExpectant: Bool { hasNews || hasFailed || enquiry.isOpen }

    /// When guests are to be looked for although nothing happens; nil: not before that.
    var deadline: ContinuousClock.Instant? {
        let news = hasNews && lookCount >= Self.looksPerSecond ? secondEnd : nil
        return [news, retryTime, enquiry.due].compactMap(\.self).min()
    }

    /// Whether guests are to be looked for now; if so, they are taken as looked for.
    mutating func takeNews(now: ContinuousClock.Instant) -> Bool {
        if let due = retryTime, due <= now {
            retryTime = nil
            hasNews = true
        }
        if secondEnd <= now {
            secondEnd = now + .seconds(1)
            lookCount = 0
        }
        guard hasNews, lookCount < Self.looksPerSecond else { return false }
        hasNews = false
        lookCount += 1
        return true
    }
}
