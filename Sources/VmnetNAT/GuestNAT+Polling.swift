import VmnetSystem

/// Bytes that the guest's port can still hold.
package struct PortRoom: Equatable, Sendable {
    /// Of frames that are held until the guest takes them.
    package var held: Int
    /// Of frames that are dropped sooner than that.
    package var ordinary: Int

    package init(held: Int, ordinary: Int) {
        self.held = held
        self.ordinary = ordinary
    }
}

/// The host's side: sockets that are ready, timers.
extension GuestNAT {
    /// By which the epoll set names the datagram engine's own: no slot of a socket.
    static let udpToken = UInt64.max

    /// When `poll` must be called although `descriptor` is not readable; nil when nothing is under way.
    package var deadline: ContinuousClock.Instant? {
        let earliest = min(
            min(slirp.deadline?.nanoseconds ?? .max, slirp.relay.deadline?.nanoseconds ?? .max),
            udp.deadline?.nanoseconds ?? .max, reassembler.deadline?.nanoseconds ?? .max)
        return earliest == .max ? nil : NATTime(nanoseconds: earliest).instant
    }

    /// Whether flows with data for the guest wait for its port to have room. They do not make `descriptor` readable
    /// meanwhile; call `poll` when there is the `awaitedRoom`.
    package var isPaused: Bool { slirp.ready.isPaused || slirp.relay.isPaused || udp.isPaused }

    /// With so much room, of either kind, one of the flows that wait can go on; nil when none waits.
    package var awaitedRoom: PortRoom? {
        guard isPaused else { return nil }
        return PortRoom(
            held: slirp.ready.isPaused ? Self.leastRoom : .max,
            ordinary: min(
                udp.isPaused ? UDPEngine.leastRoom : .max, slirp.relay.isPaused ? TCPRelay.awaitedRoom : .max))
    }

    /// Bytes that one connection may bring at once: with less room for held frames none is read from.
    package static let leastRoom = ReadyQueue.bytesPerConnection

    /// Sends what the guest's datagrams have become, and learns what the engines wait for now. Call it once after a batch
    /// of `input` and `poll`: only then is `deadline` right, and does `descriptor` become readable.
    ///
    /// - Parameter room: what the guest's port can still hold.
    package func finishBatch(now: ContinuousClock.Instant, room: PortRoom) {
        advance(to: now)
        udp.flush()
        slirp.finishRelay(room: room.ordinary)
        slirp.finishBatch()
    }

    /// Handles sockets that are ready and timers that are due. Call `finishBatch` afterwards.
    ///
    /// - Parameter room: what the guest's port can still hold. At most one connection for each 128 KiB is read from;
    ///   the others wait.
    package func poll(now: ContinuousClock.Instant, room: PortRoom) {
        advance(to: now)
        // The set is ours and open: looking at it without sleeping cannot fail.
        try? context.epoll.wait(into: &events, timeout: .zero)
        handle(events, room)
        reassembler.expire(now: context.now)
    }

    private func handle(_ events: borrowing Epoll.EventList, _ room: PortRoom) {
        let isRelayReady = events.contains(TCPRelay.token)
        let isUDPReady = events.contains(Self.udpToken)
        slirp.relay.poll(now: context.now, isReady: isRelayReady)
        let others = events.count - (isRelayReady ? 1 : 0) - (isUDPReady ? 1 : 0)
        if others > 0 || slirp.isDue { slirp.poll(events, room: room.held) }
        pollDatagrams(isReady: isUDPReady, room: room.ordinary)
    }

    private func pollDatagrams(isReady: Bool, room: Int) {
        let wasPaused = udp.isPaused
        let isDue = udp.deadline.map { $0.nanoseconds <= context.now.nanoseconds } ?? false
        guard wasPaused || isReady || isDue else { return }
        udp.poll(now: context.now, room: room)
        guard udp.isPaused != wasPaused else { return }
        // Both sets are ours and open.
        try? context.epoll.modify(udp.descriptor, udp.isPaused ? [] : .readable, token: Self.udpToken)
    }

    /// Moves the clock, which does not go back.
    func advance(to now: ContinuousClock.Instant) {
        // The frames of a batch come with one time.
        let sinceEpoch = now - NATTime.epoch
        guard sinceEpoch != lastAdvance else { return }
        lastAdvance = sinceEpoch
        let time = NATTime(sinceEpoch: sinceEpoch)
        guard time.nanoseconds > context.now.nanoseconds else { return }
        context.now = time
    }
}

extension Epoll.EventList {
    /// Whether an engine's own set is among what is ready.
    fileprivate borrowing func contains(_ token: UInt64) -> Bool {
        for index in 0..<count where self[index].token == token { return true }
        return false
    }
}
