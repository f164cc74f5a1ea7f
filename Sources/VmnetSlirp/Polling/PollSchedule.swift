/// When libslirp must be called next, whatever its sockets do.
struct PollSchedule {
    /// Unanswered flows need no more than this to be forgotten in time.
    static let datagramFlowMilliseconds: Int64 = 5000
    /// How often connections are looked through for those that will never end.
    static let reapingMilliseconds: Int64 = 30_000
    /// libslirp's time may be this old when a frame comes in. Its UDP sockets expire by the time they were made.
    static let staleMilliseconds: Int64 = 50

    /// The time as the caller last gave it, since the epoch; as such cheaper to compare than an instant.
    var lastAdvance: Duration = .zero
    /// Something libslirp waited to send may go now: the guest has answered an address request.
    var hasResolved = false
    /// When libslirp was last told the time; 0 = never.
    var lastPoll = NATTime(nanoseconds: 0)
    var lastFill = NATTime(nanoseconds: 0)
    var lastReaping = NATTime(nanoseconds: 0)
    /// As of the last fill, or earlier when a fill is due.
    var deadline: NATTime?

    /// How long a batch may go without a fill, which looks at every flow: half a microsecond a flow keeps its cost a
    /// small part of the time, and is nothing for a guest with few flows.
    static func patience(flowCount: Int) -> Int64 {
        flowCount < 256 ? 0 : Int64(flowCount) * 500
    }
}
