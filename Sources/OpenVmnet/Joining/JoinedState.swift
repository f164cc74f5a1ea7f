import VmnetPorts
import VmnetSwitch
import VmnetSystem
import VmnetWire

/// Everything of an interface on another process's network that its lock guards.
struct JoinedState: ~Copyable {
    private let events: JoinedEvents
    /// Where the program finds what the network has sent.
    private let port: InProcessPort
    private let announcer: PacketAnnouncer
    private let buffers = TransportBuffers()
    /// The wire to the network; nil while that is away.
    private var transport: StreamPort?
    /// The wire's own.
    private var descriptor: Int32 = -1
    /// What keeps the guest on the network.
    private(set) var guest: AttachedGuest?
    /// What is waited for at the wire.
    private var watched: Epoll.EventMask = []
    private(set) var counters = PortCounters()
    /// Whether the program is to be told of packets, if some wait.
    private var hasNews = false
    /// When it is told again.
    private var reminder: ContinuousClock.Instant?
    /// Once set, nothing is joined any more.
    private var isClosed = false

    init(_ events: JoinedEvents, _ port: InProcessPort, _ announcer: PacketAnnouncer) {
        self.events = events
        self.port = port
        self.announcer = announcer
    }

    /// Goes over to a network that has just taken the interface.
    mutating func join(_ connection: JoinedConnection) throws(SystemError) {
        let socket = Descriptor(owning: connection.socket)
        guard !isClosed else { return }
        let descriptor = socket.raw
        let guest = connection.guest
        let transport = try StreamPort(socket, buffers: buffers, hasVirtioHeader: true, joinsSegments: false)
        try events.epoll.add(descriptor, .readable, token: JoinedWakeSource.frames.rawValue)
        // Nothing is read there; that the network hangs up is always reported.
        try events.epoll.add(guest.descriptor, [], token: JoinedWakeSource.guest.rawValue)
        (self.transport, self.descriptor, self.guest, watched) = (transport, descriptor, guest, .readable)
    }

    /// The network is away.
    mutating func leave() {
        if let guest {
            try? events.epoll.remove(descriptor)
            try? events.epoll.remove(guest.descriptor)
        }
        (transport, guest, watched) = (nil, nil, [])
    }

    /// The same for good.
    mutating func close() {
        isClosed = true
        leave()
    }

    // MARK: Frames

    /// Sends what `body` gives to the closure that it gets; what the network does not take at once waits, as much as there is
    /// room for.
    mutating func send(_ body: (@escaping (Span<UInt8>, OffloadDescriptor) -> Void) -> Void) {
        let transport = transport
        var (frames, byteCount) = (0, 0)
        Self.lend(to: body) { frame, offload in
            if let reason = Self.enqueue(frame, offload, at: transport) { return counters.countDrop(reason) }
            frames &+= 1
            byteCount &+= frame.count
        }
        counters.countReceived(frames: frames, byteCount: byteCount)
        transport?.flush()
        watch()
    }

    private static func lend(
        to body: (@escaping (Span<UInt8>, OffloadDescriptor) -> Void) -> Void,
        _ send: (Span<UInt8>, OffloadDescriptor) -> Void
    ) {
        withoutActuallyEscaping(send, do: body)
    }

    private static func enqueue(
        _ frame: Span<UInt8>, _ offload: OffloadDescriptor, at transport: StreamPort?
    ) -> DropReason? {
        guard let transport else { return .transport }
        return transport.enqueue(frame, offload: offload, urgency: .ordinary)
    }

    /// Does what the wire is ready for. Returns whether the network is still there.
    mutating func handle(_ ready: Epoll.EventMask) -> Bool {
        guard let transport else { return true }
        if ready.intersects(.writable) { transport.flush() }
        // Whoever waits for room does not read, so that the end would be reported for ever.
        guard watched.intersects(.readable) || !ready.intersects([.hangUp, .error]) else { return false }
        if watched.intersects(.readable), ready.intersects(.incoming) {
            guard receive(from: transport) else { return false }
        }
        watch()
        return true
    }

    /// What the network could not keep from sending is kept: it has dropped by its own rules already.
    private mutating func receive(from transport: StreamPort) -> Bool {
        let outcome = transport.receive { frame, offload in
            if let reason = port.enqueue(frame, offload: offload, urgency: .held) {
                counters.countDrop(reason)
            } else {
                counters.countSent(byteCount: frame.count)
            }
        }
        for drop in transport.takeDrops() { counters.countDrop(drop.reason, count: drop.count) }
        port.flush()
        hasNews = true
        if case .closed = outcome { return false }
        return true
    }

    /// Waits for what is of use: for frames while there is room for them, so that the network holds what the program does
    /// not read, and for room where frames wait to be sent.
    private mutating func watch() {
        guard let transport else { return }
        var wanted: Epoll.EventMask = hasRoom() ? .readable : []
        if transport.isBlocked { wanted.insert(.writable) }
        guard wanted.rawValue != watched.rawValue else { return }
        watched = wanted
        try? events.epoll.modify(descriptor, wanted, token: JoinedWakeSource.frames.rawValue)
    }

    /// Whether the ring takes more; if not, the program's next read says so.
    private func hasRoom() -> Bool {
        if port.ordinaryRoom > 0 { return true }
        port.expectRoom()
        // The program may have read just before.
        return port.ordinaryRoom > 0
    }

    // MARK: News

    /// Looks at a program that has made room, or has to be told again.
    mutating func attend() {
        reminder = nil
        hasNews = true
        watch()
    }

    /// Whether the program is to be told of packets now, by whoever asks.
    mutating func takeNews(now: ContinuousClock.Instant) -> Bool {
        if let due = reminder, due <= now {
            reminder = nil
            announcer.lengthenInterval()
            hasNews = true
        }
        guard hasNews else { return false }
        hasNews = false
        guard announcer.hasListeners, announcer.hasPackets else { return false }
        if announcer.reminds, reminder == nil { reminder = now + announcer.reminderInterval }
        return true
    }

    /// When the program is told again; nil = it is not.
    var deadline: ContinuousClock.Instant? { hasNews ? .now : reminder }
}
