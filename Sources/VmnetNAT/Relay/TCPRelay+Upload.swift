import VmnetSwitch
import VmnetSystem
import VmnetWire

/// From the guest to the host.
extension TCPRelay {
    /// What became of a segment of the guest.
    enum Outcome: Equatable {
        case taken
        case drop(DropReason)
        /// The guest has acknowledged the handshake, or what libslirp has sent by itself: so many bytes after the last
        /// that the relay has sent.
        case acknowledged(UInt32)
        /// The guest resets the connection.
        case reset
    }

    /// Takes a segment of a connection that is relayed; not one with SYN.
    ///
    /// - Parameter offload: a checksum that is still partial is not looked at.
    func input(
        _ frame: Span<UInt8>, _ flow: GuestFlow, _ segment: TCPSegment, _ offload: OffloadDescriptor,
        _ connection: RelayedConnection
    ) -> Outcome {
        let packet = frame.extracting(flow.transportOffset..<flow.byteCount)
        guard offload.needsChecksum || flow.isIntact(packet, .tcp, in: frame) else { return .drop(.malformed) }
        connection.station = MACAddress(bits: frame.be48(at: 6))
        if segment.flags.contains(.rst) {
            let distance = segment.sequence &- connection.acknowledgement
            return distance <= UInt32(max(connection.room, 1)) ? .reset : .drop(.outOfOrder)
        }
        guard segment.flags.contains(.ack) else { return .drop(.malformed) }
        // The guest's answer to a SYN once more: it misses what that was answered with (RFC 5961, 4.2).
        guard !segment.flags.contains(.syn) else {
            answer(connection)
            return .taken
        }
        let outcome = takeAcknowledgement(segment, packet, connection)
        guard connection.isOpen else { return outcome }
        if case .drop = outcome {
            // It acknowledges what was never sent (RFC 9293, 3.10.7.4).
            rejoin(connection)
            return outcome
        }
        guard segment.isQueued else {
            // It asks whether its window is open again, or whether we are still there (RFC 9293, 3.10.7.4).
            if Int32(bitPattern: segment.sequence &- connection.acknowledgement) < 0 { rejoin(connection) }
            return outcome
        }
        let data = frame.extracting((flow.byteCount - segment.payloadLength)..<flow.byteCount)
        if Int32(bitPattern: segment.sequence &- connection.received) > 0 {
            early.insert(frame, flow, segment)
            tellMissing(segment, connection)
            return outcome
        }
        take(data, segment, connection)
        while !early.isEmpty, let next = early.take(of: connection.key, at: connection.received) {
            let frame = next.frame.span
            take(
                frame.extracting((next.flow.byteCount - next.segment.payloadLength)..<next.flow.byteCount),
                next.segment, connection)
        }
        return outcome
    }

    /// Between answers to what says nothing. A guest that does not agree on the numbers would answer each with another.
    private static let rejoinderNanoseconds: Int64 = 10_000_000

    private func rejoin(_ connection: RelayedConnection) {
        guard now.nanoseconds - connection.rejoinder >= Self.rejoinderNanoseconds else { return }
        connection.rejoinder = now.nanoseconds
        answer(connection)
    }

    /// Asks for what is missing, when the early segment was several before they were joined as often as these would have
    /// done: it takes three repetitions to be believed (RFC 5681, 3.2). A guest that is told which bytes have come counts
    /// them itself (RFC 6675).
    private func tellMissing(_ segment: TCPSegment, _ connection: RelayedConnection) {
        if connection.permitsSACK { return answer(connection, complaints: 1) }
        let count = (segment.payloadLength + connection.segmentSize - 1) / connection.segmentSize
        answer(connection, complaints: max(1, count))
    }

    /// Takes data that begin at or before the next byte expected, and a FIN after them.
    private func take(_ data: Span<UInt8>, _ segment: TCPSegment, _ connection: RelayedConnection) {
        answer(connection)
        let known = Int(connection.received &- segment.sequence)
        guard !connection.isFinishing, !connection.isFinished, !connection.hasFailed else { return }
        if known < data.count { accept(data.extracting(droppingFirst: known), connection) }
        guard segment.flags.contains(.fin), connection.received == segment.end, !connection.hasFailed else { return }
        connection.isFinishing = true
        finishIfDrained(connection)
    }

    /// Gives bytes to the host's socket, or to the backlog, as many as fit.
    private func accept(_ data: Span<UInt8>, _ connection: RelayedConnection) {
        widen(connection, after: data.count)
        let isAcknowledged = acknowledgePromptly(data.count, connection)
        let outcome = connection.backlog == nil ? Socket.send(connection.descriptor, data) : .wouldBlock
        connection.inHand = 0
        connection.isBlocked = false
        var taken = 0
        switch outcome {
        case .moved(let count): taken = count
        case .wouldBlock: break
        case .failed: return fail(connection)
        }
        taken += keep(data.extracting(droppingFirst: taken), connection)
        if !isAcknowledged { connection.received &+= UInt32(taken) }
    }

    /// Puts bytes into the backlog, and returns how many. What does not fit was not promised, or there is no memory for a
    /// backlog: the guest sends it again.
    private func keep(_ rest: Span<UInt8>, _ connection: RelayedConnection) -> Int {
        guard !rest.isEmpty else { return 0 }
        guard let backlog = connection.backlog ?? beginBacklog(of: connection) else {
            connection.isBlocked = true
            return 0
        }
        let count = min(rest.count, connection.room)
        backlog.append(rest.extracting(first: count))
        return count
    }

    private func beginBacklog(of connection: RelayedConnection) -> Backlog? {
        guard reserve(connection.share, for: connection) else { return nil }
        connection.backlog = buffers.takeBacklog(connection.share)
        return connection.backlog
    }

    /// Sets memory aside for bytes of the guest, so that it is `byteCount` in all; false when there is not so much.
    private func reserve(_ byteCount: Int, for connection: RelayedConnection) -> Bool {
        let missing = byteCount - connection.reserved
        if missing <= 0 { return true }
        if !buffers.reserve(missing) {
            reclaimMemory()
            guard buffers.reserve(missing) else { return false }
        }
        connection.reserved = byteCount
        return true
    }

    /// Gives back what is set aside for bytes of the guest, when no more come, or nothing is.
    func giveBack(_ connection: RelayedConnection) {
        buffers.release(connection.reserved)
        connection.reserved = 0
    }

    /// In which a guest that is kept waiting by its window uses half of it: no answer takes it longer.
    private static let burstNanoseconds: Int64 = 100_000_000

    /// Promises twice as much to a guest that could send more than its share before it hears of it, if that can be set
    /// aside. Half of the share is twice what it has sent before: one that doubles what it sends with each answer (RFC
    /// 5681, 3.1) finds its window open.
    private func widen(_ connection: RelayedConnection, after count: Int) {
        if now.nanoseconds - connection.burstStart > Self.burstNanoseconds {
            connection.burstStart = now.nanoseconds
            connection.burstByteCount = 0
        }
        connection.burstByteCount += count
        guard connection.share < RelayedConnection.largestShare, connection.guestScale != nil,
            connection.burstByteCount >= connection.share / 2, connection.backlog == nil,
            reserve(2 * connection.share, for: connection)
        else { return }
        connection.share *= 2
        connection.burstByteCount = 0
    }

    /// Data of one segment from which on it is acknowledged before the socket has it.
    private static let promptByteCount = 32 << 10

    /// Acknowledges a long segment at once, if a backlog would take what the socket does not: the guest prepares the next
    /// while this one is copied, and one that paces its segments by how fast they are acknowledged (BBR) does not take the
    /// time of the copy for the path's. Where that leaves less than half of the window open, it waits for the copy.
    ///
    /// Not where it fills a gap: an acknowledgement that ends before bytes that the guest knows to have come tells it that
    /// they have been thrown away (RFC 2018, 8).
    private func acknowledgePromptly(_ count: Int, _ connection: RelayedConnection) -> Bool {
        guard count >= Self.promptByteCount, 2 * count <= connection.reserved, connection.backlog == nil,
            !early.contains(connection.key), buffers.prepareBacklog(connection.share)
        else { return false }
        connection.received &+= UInt32(count)
        connection.inHand = count
        sendEmpty(connection, at: connection.nextSequence)
        return true
    }

    /// Gives the backlog to a socket that takes bytes again.
    func drain(_ connection: RelayedConnection) {
        guard let backlog = connection.backlog else { return unblock(connection) }
        while !backlog.isEmpty {
            switch backlog.send(to: connection.descriptor) {
            case .moved: continue
            case .wouldBlock: return announceRoom(connection)
            case .failed: return fail(connection)
            }
        }
        connection.backlog = nil
        buffers.put(backlog)
        if connection.share == RelayedConnection.firstShare { giveBack(connection) }
        announceRoom(connection)
        finishIfDrained(connection)
    }

    private func unblock(_ connection: RelayedConnection) {
        guard connection.isBlocked else { return }
        connection.isBlocked = false
        announceRoom(connection)
    }

    /// The host's socket takes no more. libslirp finds out, and tells the guest; but not once it has the end of the host's
    /// stream: then it reads no more, and the guest is reset with the next segment that it sends.
    private func fail(_ connection: RelayedConnection) {
        connection.hasFailed = true
        if connection.isReleased { conclude(.abandoned(connection)) } else { release(connection) }
    }

    /// Tells the guest of room in its window, once it is worth a segment (RFC 9293, 3.8.6.2.2); twice where the guest
    /// waits for that, since it would ask only after 200 ms or more if it did not hear of it.
    private func announceRoom(_ connection: RelayedConnection) {
        let promised = Int(connection.promised &- connection.received)
        guard connection.room - promised >= min(2 * connection.segmentSize, connection.room / 2) else { return }
        answer(connection, complaints: promised < connection.segmentSize ? 2 : 0)
    }

    private func finishIfDrained(_ connection: RelayedConnection) {
        guard connection.isFinishing, !connection.isFinished, connection.backlog == nil else { return }
        giveBack(connection)
        conclude(.finished(connection))
    }

    /// Acknowledges what has come, unless a segment with data has done so meanwhile. That says nothing of bytes that are
    /// missing: a repetition with data is none (RFC 5681, 2).
    func acknowledge(_ connection: RelayedConnection) {
        let count = max(min(3, connection.complaints), connection.owesAcknowledgement ? 1 : 0)
        connection.complaints = 0
        for _ in 0..<count { sendEmpty(connection, at: connection.nextSequence) }
    }
}
