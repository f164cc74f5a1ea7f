import VmnetSystem

/// The host's side: sockets that are ready, timers.
extension SlirpNAT {
    /// When `poll` must be called although `descriptor` is not readable; nil when nothing is under way.
    package var deadline: ContinuousClock.Instant? { schedule.deadline?.instant }

    /// Whether connections with data for the guest wait for its port to have room. They do not make `descriptor`
    /// readable meanwhile; call `poll` when there is `leastRoom` again.
    package var isPaused: Bool { host.state.pollSet.isPaused }

    /// Bytes that one connection's window may bring at once: with less room at the port none is read from.
    package static let leastRoom = PollSet.bytesPerConnection

    /// Learns what libslirp waits for now. Call it once after a batch of `input`.
    package func finishBatch(now: ContinuousClock.Instant) {
        advance(to: now)
        if schedule.hasResolved {
            schedule.hasResolved = false
            instance.poll(readsSockets: false)
        }
        let time = host.state.now
        let due = schedule.lastFill.nanoseconds + PollSchedule.patience(flowCount: flowCount)
        guard time.nanoseconds < due else { return fill() }
        if let deadline = schedule.deadline, deadline.nanoseconds <= due { return }
        schedule.deadline = NATTime(nanoseconds: due)
    }

    /// Handles sockets that are ready and timers that are due.
    ///
    /// - Parameter room: bytes that the guest's port can still hold. At most one connection for each 64 KiB is read
    ///   from; the others wait.
    package func poll(now: ContinuousClock.Instant, room: Int) {
        advance(to: now)
        // The set is ours and open: looking at it without sleeping cannot fail.
        try? host.epoll.wait(into: &events, timeout: .zero)
        host.state.gather(events, room: room)
        pollLibrary(readsSockets: host.state.pollSet.hasReady)
        host.state.endPoll()
        let time = host.state.now
        if let advertisement = host.state.advertisement, advertisement.nanoseconds <= time.nanoseconds {
            instance.handleAdvertisementTimer()
        }
        if let resolution = host.state.resolution, resolution.nanoseconds <= time.nanoseconds {
            host.state.resolution = nil
        }
        reassembler.expire(now: time)
        reap(now: time)
        fill()
    }

    /// Moves the clock. libslirp learns the time in its poll only, and makes sockets with the time it knows.
    func advance(to now: ContinuousClock.Instant) {
        // The frames of a batch come with one time.
        let sinceEpoch = now - NATTime.epoch
        guard sinceEpoch != schedule.lastAdvance else { return }
        schedule.lastAdvance = sinceEpoch
        let time = NATTime(sinceEpoch: sinceEpoch)
        guard time.nanoseconds > host.state.now.nanoseconds || schedule.lastPoll.nanoseconds == 0 else { return }
        host.state.now = NATTime(nanoseconds: max(time.nanoseconds, host.state.now.nanoseconds))
        if time.milliseconds - schedule.lastPoll.milliseconds >= PollSchedule.staleMilliseconds {
            pollLibrary(readsSockets: false)
        }
    }

    private func pollLibrary(readsSockets: Bool) {
        schedule.lastPoll = host.state.now
        instance.poll(readsSockets: readsSockets)
    }

    func fill() {
        host.state.pollSet.beginFill()
        let timeout = instance.fill()
        host.state.endFill(host.epoll)
        schedule.lastFill = host.state.now
        schedule.deadline = nextDeadline(timeout: timeout)
    }

    private func nextDeadline(timeout: UInt32) -> NATTime? {
        let now = host.state.now
        var earliest: NATTime?
        func consider(_ time: NATTime?) {
            guard let time, time.nanoseconds < earliest?.nanoseconds ?? .max else { return }
            earliest = time
        }
        if host.state.flows.sockets.count(of: .tcp) > 0 {
            consider(now.adding(milliseconds: Int64(timeout)))
        } else if flowCount > 0 {
            consider(now.adding(milliseconds: PollSchedule.datagramFlowMilliseconds))
        }
        consider(host.state.resolution)
        consider(host.state.advertisement)
        consider(reassembler.deadline)
        return earliest
    }

    // MARK: Connections that never end

    /// libslirp before 4.9.2 keeps a connection for ever whose guest went away while it was being closed.
    private func reap(now: NATTime) {
        guard now.milliseconds - schedule.lastReaping.milliseconds >= PollSchedule.reapingMilliseconds else { return }
        schedule.lastReaping = now
        for slot in 0..<host.state.flows.sockets.slotCount where host.state.flows.isForgotten(slot, now: now) {
            reset(slot)
        }
    }
}
