import VmnetSwitch
import VmnetSystem
import VmnetWire

/// The data of the guest's connections: from its segments straight to the host's sockets, and back.
///
/// libslirp opens each connection and closes it; what is between the handshake and the end of a stream passes it by.
/// That spares two copies and a slow checksum of every byte, and lets windows be scaled (RFC 7323): libslirp's own end
/// at 64 KiB, less than what is under way while one side sleeps.
///
/// The link to the guest keeps the order of frames and rarely loses one, so what is here of TCP is plain: what the guest
/// sends is acknowledged once a batch, when the host's socket or the backlog has it, or before if it is much; what it is
/// sent is kept until it is acknowledged, and sent again one gap after the other (RFC 6675, RFC 6582, RFC 8985, RFC
/// 6298). There is no congestion to control: the window and the port's room are the limits.
final class TCPRelay {
    /// By which the epoll set of the NAT names the relay's own: no slot of a socket.
    static let token = UInt64.max - 1
    /// Bytes that one read may bring, with the headers of segments that are not very short.
    private static let leastRoom = 192 << 10
    /// What is left of a port's room for ordinary frames, so that a busy connection neither delays these long nor has
    /// them dropped.
    private static let portReserve = 512 << 10
    /// With less room for ordinary frames at the guest's port nothing is read.
    static let awaitedRoom = portReserve + leastRoom

    let epoll: Epoll
    let gatewayMAC: MACAddress
    private let output: GuestContext.Output
    /// By the slot of the connection's socket.
    private var connections: [RelayedConnection?] = []
    var buffers = StreamBufferPool()
    var early = EarlySegments()
    var now = NATTime(nanoseconds: 0)
    /// Frames for the guest that its port did not take.
    private(set) var refusedByPort: UInt64 = 0
    private var events = Epoll.EventList(capacity: 64)

    /// Connections that the guest is to be told something of.
    private let answering = WorkList<RelayedConnection>()
    /// Connections whose sockets may have more for the guest, which can take it.
    private let runnable = WorkList<RelayedConnection>()
    /// Connections that wait for the guest's port to have room.
    let paused = WorkList<RelayedConnection>()
    /// Connections that wait for an acknowledgement.
    private var timed: [RelayedConnection] = []
    /// When those are looked through, and when they were.
    private var tick: NATTime?
    private var inspection = NATTime(nanoseconds: 0)
    /// When memory was last taken back from idle connections.
    private var reclaim = NATTime(nanoseconds: 0)
    /// What libslirp has to learn.
    let conclusions = WorkList<Conclusion>()

    /// What libslirp must be told of a connection.
    enum Conclusion {
        /// The guest has sent FIN, and all before it is with the host.
        case finished(RelayedConnection)
        /// The host's socket has ended or failed: it may be read from again.
        case released(RelayedConnection)
        /// The guest has not answered for minutes, or the socket cannot be watched, or has failed after its end.
        case abandoned(RelayedConnection)
    }

    init(gatewayMAC: MACAddress, output: @escaping GuestContext.Output) throws(SystemError) {
        epoll = try Epoll()
        self.gatewayMAC = gatewayMAC
        self.output = output
    }

    /// The connection whose socket has this slot, if it is relayed.
    @inline(__always)
    subscript(slot: Int) -> RelayedConnection? {
        slot < connections.count ? connections[slot] : nil
    }

    /// When `poll` must be called although nothing is ready; nil when nothing is under way.
    var deadline: NATTime? { runnable.isEmpty ? tick : now }

    /// Whether connections wait for the guest's port to have `awaitedRoom`.
    var isPaused: Bool { !paused.isEmpty }

    // MARK: Connections

    /// Takes over the data of a connection whose handshake is under way. When the kernel has no room to watch it, it is
    /// reset: the guest has been told of windows that only the relay has.
    func insert(_ connection: RelayedConnection) {
        while connections.count <= connection.slot { connections.append(nil) }
        connections[connection.slot] = connection
        buffers.addConnection()
        do throws(SystemError) {
            try epoll.add(connection.descriptor, Self.watched, token: Self.token(of: connection))
        } catch {
            conclude(.abandoned(connection))
        }
    }

    /// Forgets a connection, whose socket libslirp is about to close.
    func remove(_ slot: Int) {
        guard let connection = self[slot] else { return }
        connections[slot] = nil
        // Closing does it too, unless a program that is being started has a copy at this moment.
        try? epoll.remove(connection.descriptor)
        if let flight = connection.flight.take() { buffers.put(flight) }
        if let backlog = connection.backlog.take() { buffers.put(backlog) }
        giveBack(connection)
        buffers.removeConnection()
        // The next connection from the guest's port has other bytes under the same numbers.
        if !early.isEmpty { early.removeAll(of: connection.key) }
    }

    /// Takes back what is set aside for connections on which the guest has long sent nothing, and what they were promised: the
    /// only case in which a window shrinks (RFC 9293, 3.8.6). What comes beyond is kept if there is memory, and sent again
    /// by the guest if not.
    func reclaimMemory() {
        guard now.nanoseconds - reclaim.nanoseconds > Self.reclaimNanoseconds else { return }
        reclaim = now
        for connection in connections {
            guard let connection, connection.backlog == nil,
                now.nanoseconds - connection.burstStart > Self.idleNanoseconds
            else { continue }
            giveBack(connection)
            connection.share = RelayedConnection.firstShare
        }
    }

    /// After which a connection is idle, and how often these are looked for at most.
    private static let idleNanoseconds: Int64 = 30_000_000_000
    private static let reclaimNanoseconds: Int64 = 1_000_000_000

    private func isCurrent(_ connection: RelayedConnection) -> Bool { self[connection.slot] === connection }

    private static func token(of connection: RelayedConnection) -> UInt64 {
        UInt64(connection.generation) << 32 | UInt64(connection.slot)
    }

    // MARK: Batches

    /// Handles sockets that are ready and timers that are due. Call `sendDue` afterwards.
    func poll(now: NATTime, isReady: Bool) {
        self.now = now
        if isReady {
            // The set is ours and open: looking at it without sleeping cannot fail.
            try? epoll.wait(into: &events, timeout: .zero)
            handle(events)
        }
        guard let due = tick, due.nanoseconds <= now.nanoseconds else { return }
        inspect()
    }

    /// Readable once it is open; writable again after it has taken less than it was given.
    private static let watched: Epoll.EventMask = [.readable, .peerHangUp, .priority, .writable, .edgeTriggered]
    /// After which there is something to read.
    private static let arrivals: Epoll.EventMask = [.readable, .priority, .error, .hangUp]
    /// Before or behind which a read stops.
    private static let interruptions: Epoll.EventMask = [.peerHangUp, .priority, .hangUp, .error]

    private func handle(_ events: borrowing Epoll.EventList) {
        for index in 0..<events.count { handle(events[index]) }
    }

    private func handle(_ event: Epoll.Event) {
        let slot = Int(truncatingIfNeeded: event.token & 0xffff_ffff)
        guard let connection = self[slot], Self.token(of: connection) == event.token else { return }
        if event.events.intersects(.writable) { drain(connection) }
        guard event.events.intersects(Self.arrivals) else { return }
        connection.isReadable = true
        if event.events.intersects(Self.interruptions) { connection.isReadTwice = true }
        run(connection)
    }

    /// Sends what is due. Call `acknowledge` afterwards, once libslirp knows the `conclusions`: it acknowledges
    /// a FIN itself.
    ///
    /// - Parameter room: bytes of ordinary frames that the guest's port can still hold.
    func sendDue(now: NATTime, room: Int) {
        self.now = now
        var room = room
        if room >= Self.awaitedRoom { runnable.append(taking: paused) }
        runnable.takeEach { connection in
            connection.isRunnable = false
            guard isCurrent(connection) else { return }
            switch pump(connection, room: &room) {
            case .waits: break
            case .hasMore: run(connection)
            case .needsRoom: pause(connection)
            }
        }
    }

    /// Acknowledges what has come, where nothing else that was sent in this batch has done so.
    func acknowledge() {
        answering.takeEach { connection in
            connection.isAnswering = false
            if isCurrent(connection) { acknowledge(connection) }
        }
    }

    private func pause(_ connection: RelayedConnection) {
        // A guest that opens and resets connections, and reads nothing, leaves paused ones behind that are no more.
        if paused.count > 2 * connections.count { paused.removeAll { !isCurrent($0) } }
        connection.isRunnable = true
        paused.append(connection)
    }

    // MARK: Lists

    /// Notes that the connection's socket may have something that the guest takes.
    func run(_ connection: RelayedConnection) {
        guard !connection.isRunnable, connection.isReadable, !connection.isReleased else { return }
        connection.isRunnable = true
        runnable.append(connection)
    }

    /// Notes that the guest is to be told where its stream stands: that bytes are missing, or there is room again, so often
    /// as `complaints` says.
    func answer(_ connection: RelayedConnection, complaints: Int = 0) {
        connection.owesAcknowledgement = true
        connection.complaints += complaints
        guard !connection.isAnswering else { return }
        connection.isAnswering = true
        answering.append(connection)
    }

    /// Notes that an acknowledgement is waited for.
    func time(_ connection: RelayedConnection) {
        if !connection.isTimed {
            connection.isTimed = true
            timed.append(connection)
        }
        tick = NATTime(nanoseconds: min(tick?.nanoseconds ?? .max, look(at: connection)))
    }

    /// When a connection that waits is to be looked at, in nanoseconds.
    private func look(at connection: RelayedConnection) -> Int64 {
        let later = inspection.adding(milliseconds: Self.longTick).nanoseconds
        // For memory there is no time to wait.
        if connection.flightCount == 0, connection.window > 0, !connection.owesEnd { return later }
        let due = due(connection)
        if due >= later { return due }
        let isShort = patience(connection) < Self.longTick * 1_000_000
        return isShort ? max(due, inspection.adding(milliseconds: Self.shortTick).nanoseconds) : later
    }

    func conclude(_ conclusion: Conclusion) {
        conclusions.append(conclusion)
    }

    /// How often connections are looked through at most that wait for an acknowledgement, in milliseconds: where one should
    /// have come soon, and otherwise.
    private static let shortTick: Int64 = 10
    private static let longTick: Int64 = 100

    /// Sends again what is due, and forgets connections that wait for nothing any more.
    private func inspect() {
        var waiting: [RelayedConnection] = []
        var next = Int64.max
        inspection = now
        for connection in timed {
            connection.isTimed = false
            guard isCurrent(connection), isWaiting(connection) else { continue }
            repeatIfDue(connection)
            waiting.append(connection)
            next = min(next, look(at: connection))
        }
        for connection in waiting { connection.isTimed = true }
        timed = waiting
        tick = waiting.isEmpty ? nil : NATTime(nanoseconds: next)
    }

    // MARK: Frames for the guest

    /// Sends bytes of the flight.
    func send(_ connection: RelayedConnection, _ range: Range<Int>, flags: TCPHeader.Flags) {
        guard let flight = connection.flight else { return }
        let sequence = connection.unacknowledged &+ UInt32(range.lowerBound)
        let segment = segment(connection, at: sequence, byteCount: range.count, flags: flags)
        flight.withFrame(
            of: range, headerByteCount: segment.headerByteCount, headers: { segment.write(to: &$0) },
            { put($0, segment) })
    }

    /// Sends a segment without data, which tells the guest what has come behind a gap, too.
    func sendEmpty(_ connection: RelayedConnection, at sequence: UInt32, flags: TCPHeader.Flags = .ack) {
        var segment = segment(connection, at: sequence, byteCount: 0, flags: flags)
        let blocks = connection.permitsSACK && !early.isEmpty ? early.blocks(of: connection.key) : []
        segment.optionByteCount = SelectiveAcknowledgementOption.byteCount(ofBlocks: blocks.count)
        put(segment) { SelectiveAcknowledgementOption.write(blocks, to: &$0) }
    }

    /// Sends an octet that the guest has already, whatever it was, which it answers with its window (RFC 9293, 3.8.6.1; an
    /// octet of no meaning at that place is of RFC 1122, 4.2.3.6). Linux answers what has no data there only twice a second
    /// (tcp_invalid_ratelimit).
    func sendProbe(_ connection: RelayedConnection) {
        put(segment(connection, at: connection.next &- 1, byteCount: 1, flags: .ack)) { $0.append(0) }
    }

    /// - Parameter writeRest: writes what is behind the segment's header, at most 40 bytes.
    private func put(_ segment: RelayedSegment, _ writeRest: (inout OutputSpan<UInt8>) -> Void) {
        var bytes = InlineArray<128, UInt8>(repeating: 0)
        var span = bytes.mutableSpan
        // Safety: the bytes are written within their bounds.
        let count = unsafe span.withUnsafeMutableBufferPointer { buffer in
            var output = unsafe OutputSpan(buffer: buffer, initializedCount: 0)
            segment.write(to: &output)
            writeRest(&output)
            return unsafe output.finalize(for: buffer)
        }
        put(bytes.span.extracting(first: count), segment)
    }

    private func put(_ frame: Span<UInt8>, _ segment: RelayedSegment) {
        if output(frame, segment.offload, .held) != nil { refusedByPort += 1 }
    }

    /// A segment tells the guest where its stream stands, too.
    private func segment(
        _ connection: RelayedConnection, at sequence: UInt32, byteCount: Int, flags: TCPHeader.Flags
    ) -> RelayedSegment {
        connection.noteAcknowledged()
        return RelayedSegment(
            key: connection.key, station: connection.station, gatewayMAC: gatewayMAC, flags: flags,
            sequence: sequence, acknowledgement: connection.acknowledgement, window: connection.windowField,
            byteCount: byteCount, segmentSize: connection.segmentSize)
    }
}
