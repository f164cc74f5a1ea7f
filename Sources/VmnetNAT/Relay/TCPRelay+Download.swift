import VmnetSwitch
import VmnetSystem
import VmnetWire

/// From the host to the guest.
extension TCPRelay {
    /// Frames of one read: two make the host's kernel acknowledge and wake half as often, and are still in the processor's
    /// cache when they are written; more keep its sender waiting.
    private static let readFrames = 2
    /// What one connection may send before others have their turn.
    private static let turnByteCount = 512 << 10
    /// Until nothing is acknowledged for so long, nothing is taken for lost (RFC 6298, 2.4; less, as Linux has it), but for
    /// the cases below.
    private static let firstTimeout: Int64 = 200_000_000
    /// The same where what is sent next is answered at once: it fills a gap that the guest has named (RFC 5681, 4.2), or asks
    /// for its window. A guest says only once that its window is open, and that may be lost; RFC 9293, 3.8.6.1, has the
    /// first question wait as long as a repetition, for the sake of paths that are longer than this one.
    private static let promptTimeout: Int64 = 10_000_000
    /// Before that a guest is sent the last of what is under way again, for when nothing came behind it that could tell of a
    /// loss, or the answer was lost (RFC 8985, 7); or the first, if it could not tell. One segment may be answered late: by
    /// Linux after 40 ms, of two the second is at once (RFC 5681, 4.2).
    private static let tailTimeout: (ofOne: Int64, ofMore: Int64) = (50_000_000, 20_000_000)
    private static let longestTimeout: Int64 = 10_000_000_000
    /// So often in a row something is sent without any answer before the guest is taken to have gone: a quarter of an hour,
    /// which leaves time for a machine that is paused. One that answers may keep its window closed for ever (RFC 9293,
    /// 3.8.6.1).
    private static let mostAttempts = 96

    // MARK: Acknowledgements

    /// Takes what a segment of the guest acknowledges, and its window.
    ///
    /// - Parameter packet: the segment, from its header on.
    func takeAcknowledgement(
        _ segment: TCPSegment, _ packet: Span<UInt8>, _ connection: RelayedConnection
    ) -> Outcome {
        let number = segment.acknowledgement
        let window = connection.byteCount(ofWindow: segment.window)
        guard connection.isOpen else { return open(number, window, connection) }
        let advance = Int(Int32(bitPattern: number &- connection.unacknowledged))
        let flightCount = connection.flightCount
        guard advance >= 0 else { return .taken }
        guard advance <= flightCount + Int(connection.sentRest) else { return .drop(.outOfOrder) }
        // A window that grows while segments come out of order, as Linux's does, makes it no other (RFC 5681, 2, asks for
        // the same): what the guest misses is missing all the same.
        let isRepetition = advance == 0 && flightCount > 0 && !segment.isQueued && connection.window > flightCount
        let (wasClosed, wasLate) = (connection.window == 0, connection.attempts > 0)
        connection.window = window
        connection.silentAttempts = 0
        if window > 0, flightCount == 0, !connection.owesEnd { connection.attempts = 0 }
        if isRepetition {
            connection.repetitions += 1
        } else if advance > 0, flightCount > 0 {
            advanceFlight(of: connection, by: min(advance, flightCount))
        }
        if connection.flightCount > 0, !(wasClosed && window > 0 && resume(connection)) {
            repair(connection, packet, hasAdvanced: advance > 0)
        }
        if wasLate || connection.missing > 0, isWaiting(connection) { time(connection) }
        run(connection)
        // libslirp has sent what is behind the flight: its FIN, or what it has read after an error.
        return advance > flightCount ? .acknowledged(number &- connection.next) : .taken
    }

    /// The guest's answer to the handshake.
    private func open(_ number: UInt32, _ window: Int, _ connection: RelayedConnection) -> Outcome {
        guard number == connection.next else { return .drop(.outOfOrder) }
        connection.isOpen = true
        connection.window = window
        run(connection)
        return .acknowledged(0)
    }

    private func advanceFlight(of connection: RelayedConnection, by count: Int) {
        connection.flight?.removeFirst(count)
        connection.unacknowledged &+= UInt32(count)
        connection.repetitions = 0
        connection.missing = 0
        connection.attempts = 0
        connection.resumptions = 0
        connection.progress = now.nanoseconds
        connection.hasJustRecovered = connection.unacknowledged == connection.recovery
        if let recovery = connection.recovery, Int32(bitPattern: connection.unacknowledged &- recovery) >= 0 {
            connection.recovery = nil
        }
        guard connection.flightCount == 0 else { return }
        if let flight = connection.flight.take() { buffers.put(flight) }
        if connection.isExhausted { release(connection) }
    }

    // MARK: Data

    /// Why a connection's turn is over.
    enum Pause {
        /// For its socket, the guest, or memory: that is noticed elsewhere.
        case waits
        /// It has sent as much as is fair.
        case hasMore
        /// The guest's port is full.
        case needsRoom
    }

    /// Sends what the socket has, as much as the guest takes.
    func pump(_ connection: RelayedConnection, room: inout Int) -> Pause {
        var turn = Self.turnByteCount
        while connection.isOpen, connection.isReadable, !connection.isReleased {
            let reach = reach(for: connection)
            let limit = limit(of: connection, within: reach)
            if limit == 0 { return .waits }
            if room < Self.awaitedRoom { return .needsRoom }
            if turn <= 0 { return .hasMore }
            guard let flight = connection.flight ?? buffers.takeBuffer() else {
                // Too many connections have something under way, or the host has no memory: later.
                time(connection)
                return .waits
            }
            connection.flight = flight
            let outcome = flight.receive(from: connection.descriptor, limit: limit, within: reach)
            if flight.hasNewPages { buffers.charge(flight) }
            guard case .moved(let count) = outcome, count > 0 else {
                end(outcome, connection)
                return .waits
            }
            // A short read has emptied the socket: what comes later is an event of its own.
            if count < limit, !connection.isReadTwice { connection.isReadable = false }
            sendNew(count, connection)
            room -= count + (count / connection.segmentSize + 1) * Self.headerRoom
            turn -= count
        }
        return .waits
    }

    /// How far the memory of a connection's flight may be written to.
    @inline(__always)
    private func reach(for connection: RelayedConnection) -> Int {
        let reach = buffers.reach(of: connection.flight)
        if reach == StreamBuffer.byteCount { return reach }
        reclaimMemory()
        return buffers.reach(of: connection.flight)
    }

    /// Sends bytes that have just come, in frames of the longest kind.
    private func sendNew(_ count: Int, _ connection: RelayedConnection) {
        var start = connection.flightCount
        if start == 0 { connection.progress = now.nanoseconds }
        connection.next &+= UInt32(count)
        let end = start + count
        while start < end {
            let next = min(start + connection.frameByteCount, end)
            send(connection, start..<next, flags: next < end || connection.isReadable ? .ack : [.ack, .psh])
            start = next
        }
        time(connection)
    }

    /// What the headers of a segment take at a port, at most.
    private static let headerRoom = 96

    /// Bytes that may be read for the guest now; a small rest of its window is not worth a segment while others are under
    /// way (RFC 9293, 3.8.6.2.1).
    ///
    /// - Parameter reach: how far the memory of its flight may be written to.
    private func limit(of connection: RelayedConnection, within reach: Int) -> Int {
        let flightCount = connection.flightCount
        let open = min(connection.window, StreamBuffer.limit(within: reach)) - flightCount
        if open < connection.segmentSize, flightCount > 0 || open <= 0 {
            // Somebody must ask whether the window is open again.
            if flightCount == 0 { time(connection) }
            return 0
        }
        return min(open, Self.readFrames * connection.frameByteCount)
    }

    /// Nothing was read.
    private func end(_ outcome: Transfer, _ connection: RelayedConnection) {
        connection.isReadable = false
        if connection.flightCount == 0, let flight = connection.flight.take() { buffers.put(flight) }
        switch outcome {
        case .wouldBlock: return
        case .moved: connection.isExhausted = true
        case .failed: return release(connection)
        }
        if connection.flightCount == 0 { release(connection) }
    }

    /// Gives the socket back to libslirp, which finds its end, or why it has failed, and tells the guest.
    func release(_ connection: RelayedConnection) {
        guard !connection.isReleased else { return }
        connection.isReleased = true
        conclude(.released(connection))
    }

    // MARK: Loss

    /// Notes that libslirp sends the end of the host's stream, which would repeat it after a second at the earliest.
    func noteEnd(of connection: RelayedConnection) {
        connection.isEndSent = true
        connection.progress = now.nanoseconds
        connection.attempts = 0
        time(connection)
    }

    /// Whether the guest owes an answer, or the connection was left for a while although there is more. One that has its
    /// turn later, or waits for the port, does not need the clock.
    func isWaiting(_ connection: RelayedConnection) -> Bool {
        connection.flightCount > 0 || connection.owesEnd
            || connection.isReadable && connection.isOpen && !connection.isReleased && !connection.isRunnable
    }

    /// Sends again what nobody has acknowledged in time, asks for the window, or goes on.
    func repeatIfDue(_ connection: RelayedConnection) {
        if connection.flightCount == 0, connection.window > 0, !connection.owesEnd { return run(connection) }
        guard now.nanoseconds >= due(connection) else { return }
        connection.progress = now.nanoseconds
        connection.attempts += 1
        connection.silentAttempts += 1
        if connection.silentAttempts > Self.mostAttempts { return conclude(.abandoned(connection)) }
        if connection.owesEnd {
            sendEmpty(connection, at: connection.nextSequence &- 1, flags: [.fin, .ack])
        } else if connection.flightCount == 0 {
            sendProbe(connection)
        } else if connection.missing == 0, connection.attempts == 1, connection.permitsSACK {
            sendLast(connection)
        } else {
            recover(connection, limit: few(connection))
        }
    }

    /// Sends the last segment again of what is under way: its acknowledgement names what is missing before it.
    private func sendLast(_ connection: RelayedConnection) {
        let end = min(connection.flightCount, max(1, connection.window))
        send(connection, max(0, end - connection.segmentSize)..<end, flags: [.ack, .psh])
    }

    /// When nobody has answered for too long, in nanoseconds.
    func due(_ connection: RelayedConnection) -> Int64 { connection.progress + patience(connection) }

    /// How long an answer is waited for, in nanoseconds: after the first time in vain twice as long with each.
    func patience(_ connection: RelayedConnection) -> Int64 {
        let attempts = Int64(min(connection.attempts, 10))
        if connection.missing > 0 || connection.window == 0 && !connection.owesEnd {
            return min(Self.promptTimeout << attempts, Self.longestTimeout)
        }
        if attempts > 0 { return min(Self.firstTimeout << (attempts - 1), Self.longestTimeout) }
        // A guest that cannot name what is missing is sent more.
        let isSoon = connection.permitsSACK && connection.flightCount > connection.segmentSize
        return isSoon ? Self.tailTimeout.ofMore : Self.tailTimeout.ofOne
    }

    /// Sends again what was under way when the guest closed its window, now that it is open again: it had no memory, and has
    /// dropped it (Linux does so although it has promised the window). Where that is soon so again, it is left to the timer.
    ///
    /// - Returns: whether it has.
    private func resume(_ connection: RelayedConnection) -> Bool {
        let pause = Self.promptTimeout << Int64(min(connection.resumptions, 10))
        guard now.nanoseconds - connection.resumption >= pause else { return false }
        connection.resumption = now.nanoseconds
        connection.resumptions += 1
        connection.attempts = 0
        connection.missing = connection.flightCount
        recover(connection, limit: connection.frameByteCount)
        return true
    }

    /// Looks at an acknowledgement that leaves something open for what the guest is missing, and sends that again.
    ///
    /// - Parameter hasAdvanced: whether it acknowledges something new.
    private func repair(_ connection: RelayedConnection, _ packet: Span<UInt8>, hasAdvanced: Bool) {
        let extent = extent(in: packet, connection)
        connection.missing = extent?.lowerBound ?? 0
        guard connection.recovery != nil else {
            // The link keeps the order: what is before something that has come is lost, and not late. A guest that cannot
            // name it says so by three repetitions (RFC 5681, 3.2), which mean nothing where all before was sent twice (RFC
            // 6582, 3.2).
            let isComplaint = !connection.permitsSACK && connection.repetitions == 3 && !connection.hasJustRecovered
            let isMissing = extent != nil || isComplaint
            if isMissing { recover(connection, limit: connection.frameByteCount) }
            return
        }
        if let extent {
            let heard = connection.unacknowledged &+ UInt32(min(extent.upperBound, connection.flightCount))
            let isLostAgain =
                Int(Int32(bitPattern: heard &- connection.resentBefore)) >= 3 * connection.segmentSize
            // More has come that was sent later (RFC 6675, 4: three segments), or the next gap is known: of those that were
            // when this began, with the acknowledgement of the one before it; or another, once all that was sent again has
            // come.
            let isOther = Int32(bitPattern: connection.resentEnd &- connection.unacknowledged) <= 0
            if isLostAgain { connection.resentEnd = connection.unacknowledged }
            if isLostAgain || hasAdvanced || isOther { sendAgain(connection, limit: connection.frameByteCount) }
        } else if hasAdvanced, !connection.permitsSACK {
            // More than one was missing (RFC 6582, 3.2). What is lost once more waits for the timer.
            sendAgain(connection, limit: few(connection))
        }
    }

    /// What the guest has behind a gap, in bytes that it has not acknowledged.
    @inline(__always)
    private func extent(in packet: Span<UInt8>, _ connection: RelayedConnection) -> Range<Int>? {
        // Nearly all headers have no option.
        guard connection.permitsSACK, packet[12] >= 0x60 else { return nil }
        return SelectiveAcknowledgementOption.extent(
            in: packet, behind: connection.unacknowledged,
            within: connection.flightCount + Int(connection.sentRest))
    }

    /// Begins to send again what is missing, up to what has been sent so far.
    private func recover(_ connection: RelayedConnection, limit: Int) {
        if connection.recovery == nil { connection.recovery = connection.next }
        connection.resentEnd = connection.unacknowledged
        sendAgain(connection, limit: limit)
    }

    /// Bytes that are sent again where nobody has said how many are missing.
    private func few(_ connection: RelayedConnection) -> Int {
        min(4 * connection.segmentSize, connection.frameByteCount)
    }

    /// Sends again what is missing and has not been, at most `limit` bytes; the rest of a long gap with the next
    /// acknowledgement.
    private func sendAgain(_ connection: RelayedConnection, limit: Int) {
        let start = max(0, Int(Int32(bitPattern: connection.resentEnd &- connection.unacknowledged)))
        let missing = connection.missing > 0 ? connection.missing : few(connection)
        let end = min(connection.flightCount, missing, max(1, connection.window), start + limit)
        guard start < end else { return }
        connection.progress = now.nanoseconds
        connection.resentEnd = connection.unacknowledged &+ UInt32(end)
        connection.resentBefore = connection.next
        send(connection, start..<end, flags: [.ack, .psh])
        time(connection)
    }
}
