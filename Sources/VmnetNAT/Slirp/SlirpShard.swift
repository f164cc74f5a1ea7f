import VmnetSystem

/// One instance of libslirp among those of a guest: what it needs to be called, and when.
final class SlirpShard {
    /// Unanswered datagram flows need no more than this to be forgotten in time.
    private static let datagramMilliseconds: Int64 = 5000
    /// The period of libslirp's slow timer, which runs while it has connections.
    private static let slowTimerMilliseconds: Int64 = 499
    /// Timers are put off to a multiple of this, so that those of many instances fall on the same moment.
    private static let grain: Int64 = 50_000_000
    /// libslirp's time may be this old when it makes a datagram socket, which expires by the time it was made.
    private static let staleMilliseconds: Int64 = 50
    /// Without a frame for so long no timer of an open connection runs: the longest, for window probes, is a minute.
    private static let quietSeconds: UInt32 = 120

    let host: SlirpHost
    let instance: SlirpInstance
    /// Something libslirp waited to send may go now: the guest has answered an address request.
    var hasResolved = false
    /// It was empty at the last look.
    var isSpare = false
    /// When libslirp was last told the time.
    private(set) var lastPoll = NATTime(nanoseconds: 0)
    /// When its slow timer last ran.
    private var lastSlowTimer = NATTime(nanoseconds: 0)

    private var now: NATTime { host.context.now }

    /// nil when libslirp refuses the configuration.
    init?(_ configuration: NATConfiguration, context: GuestContext, number: Int) {
        host = SlirpHost(configuration, context: context, number: number)
        guard let instance = SlirpInstance(configuration, host: host) else { return nil }
        self.instance = instance
        poll(readsSockets: false)
    }

    /// Whether it waits for the guest to answer an address request.
    var isResolving: Bool { host.state.resolution != nil }

    /// Whether no timer runs for those of its connections that are open in both directions.
    var isQuiet: Bool { now.seconds &- host.state.lastFrame.seconds >= Self.quietSeconds }

    /// Runs timers, and reads and writes what is ready.
    func poll(readsSockets: Bool) {
        let now = now
        noteTimers()
        instance.poll(readsSockets: readsSockets)
        if let advertisement = host.state.advertisement, advertisement.nanoseconds <= now.nanoseconds {
            instance.handleAdvertisementTimer()
        }
        if let resolution = host.state.resolution, resolution.nanoseconds <= now.nanoseconds {
            host.state.resolution = nil
        }
    }

    /// Each poll runs them.
    private func noteTimers() {
        lastPoll = now
        if now.milliseconds - lastSlowTimer.milliseconds >= Self.slowTimerMilliseconds { lastSlowTimer = now }
    }

    /// Lets libslirp accept a connection for the guest's port. It asks the guest before this returns.
    func admit(_ connection: borrowing StandInConnection, to target: ForwardTarget) {
        guard let door = instance.openDoor(to: target), let name = InternetEndpoint(nameOf: door) else { return }
        if (try? connection.connect(to: door)) != nil {
            noteTimers()
            instance.knock()
        }
        instance.closeDoor(port: name.port)
    }

    /// Tells libslirp the time, which it learns in its poll only.
    func updateClock() {
        if now.milliseconds - lastPoll.milliseconds >= Self.staleMilliseconds { poll(readsSockets: false) }
    }

    /// Learns what libslirp waits for now. Returns when it must be polled, whatever its sockets do.
    func fill() -> NATTime? {
        host.beginFill()
        let timeout = instance.fill()
        host.endFill()
        return deadline(timeout: timeout)
    }

    private func deadline(timeout: UInt32) -> NATTime? {
        var earliest = timer(timeout)
        for time in [host.state.resolution, host.state.advertisement] {
            guard let time, time.nanoseconds < earliest?.nanoseconds ?? .max else { continue }
            earliest = time
        }
        return earliest
    }

    private func timer(_ timeout: UInt32) -> NATTime? {
        let population = host.context.flows.sockets.population(ofShard: host.number)
        guard population.flows > 0 else { return nil }
        // An acknowledgement that waits for a moment.
        guard timeout >= Self.slowTimerMilliseconds else { return now.adding(milliseconds: Int64(timeout)) }
        var due = now.adding(milliseconds: Self.datagramMilliseconds)
        if population.connections > 0 {
            due = lastSlowTimer.adding(milliseconds: Self.slowTimerMilliseconds)
            if due.nanoseconds <= now.nanoseconds { due = now.adding(milliseconds: Self.slowTimerMilliseconds) }
        }
        return NATTime(nanoseconds: (due.nanoseconds + Self.grain - 1) / Self.grain * Self.grain)
    }
}
