import VmnetSystem

/// How a network's thread waits: it sleeps, or for a while looks again and again before it does: busy polling, as NAPI has it.
///
/// A thread that sleeps is back tens of microseconds after it is called, in a virtual machine more. Of an exchange in
/// which each end waits for the other that is most of the time. So where most answers have come soon of late, the thread stays
/// awake for as long as one takes. It sleeps at once on a quiet network, on one with pauses between its packets, and
/// behind a batch that carried much: there the next one grows meanwhile, and the ends need the processor.
struct BusyPolling {
    /// How long the thread stays awake for an answer.
    static let longestPoll = Duration.microseconds(50)
    /// A wait up to this was for an answer; some of it is what it takes to wake up.
    static let longestAnswer = Duration.microseconds(100)
    /// More than a few frames' bytes in one batch are a busy flow's.
    static let mostBytes = 16 << 10
    /// So much trust makes it likely that the next answer comes soon, too.
    static let enoughTrust = 4
    static let mostTrust = 8

    /// Grows by one with each answer that came soon, and shrinks by two with each that did not.
    private var trust = 0

    /// Waits until something is ready, like `Epoll.wait`.
    ///
    /// - Parameter byteCount: what the last batch carried.
    mutating func wait(
        for list: inout Epoll.EventList, on epoll: borrowing Epoll, timeout: Duration?, afterBytes byteCount: Int
    ) {
        guard timeout != .zero else { return epoll.fill(&list, timeout: .zero) }
        let start = ContinuousClock.now
        let end = start + pollTime(afterBytes: byteCount, timeout: timeout)
        var now = start
        while now < end {
            epoll.fill(&list, timeout: .zero)
            now = .now
            guard list.count == 0 else { return note(wait: now - start, isInVain: false) }
            // Whoever else wants this processor may be the one who answers.
            SystemThread.yield()
        }
        epoll.fill(&list, timeout: timeout)
        note(wait: .now - start, isInVain: start < end)
    }

    /// How long to stay awake.
    ///
    /// - Parameters:
    ///   - byteCount: what the last batch carried.
    ///   - timeout: how long the wait may be; nil = until something happens.
    func pollTime(afterBytes byteCount: Int, timeout: Duration?) -> Duration {
        guard trust >= Self.enoughTrust, byteCount <= Self.mostBytes else { return .zero }
        return min(Self.longestPoll, timeout ?? Self.longestPoll)
    }

    /// Learns from a wait.
    ///
    /// - Parameters:
    ///   - duration: how long it was.
    ///   - isInVain: whether the thread has stayed awake, and had to sleep after all.
    mutating func note(wait duration: Duration, isInVain: Bool) {
        let isTrusted = !isInVain && duration <= Self.longestAnswer
        trust = isTrusted ? min(trust + 1, Self.mostTrust) : max(trust - 2, 0)
    }
}

extension Epoll {
    /// `wait`, on a set of which nothing can go wrong.
    borrowing func fill(_ list: inout EventList, timeout: Duration?) {
        do {
            try wait(into: &list, timeout: timeout)
        } catch {
            // Only a descriptor that is not an epoll set can cause it.
            preconditionFailure("\(error)")
        }
    }
}
