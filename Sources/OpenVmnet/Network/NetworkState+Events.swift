import VmnetNAT
import VmnetPorts
import VmnetSwitch
import VmnetSystem
import VmnetWire

/// What the loop does with what woke it.
extension NetworkState {
    /// Handles one batch of events.
    mutating func handle(_ list: borrowing Epoll.EventList) {
        beginBatch()
        for index in 0..<list.count {
            let event = list[index]
            guard let source = WakeSource(token: event.token) else { continue }
            handle(event.events, from: source)
        }
        runDeadlines()
        if !reminders.isEmpty { runReminders() }
        resumeNATs()
        resumeListeners()
        if uplink != nil { resumeUplink() }
        finishBatch()
    }

    /// Bytes of all frames that guests have sent and were sent since this was last called.
    mutating func takeByteCount() -> Int {
        defer { receivedByteCount = 0 }
        return receivedByteCount &+ flushList.takeByteCount()
    }

    /// How long the network's thread may sleep now; nil = until the next event.
    mutating func fallAsleep() -> Duration? {
        let timeout = timeout()
        wakeTime = timeout.map { now + $0 }
        return timeout
    }

    /// Looks at the clock, once for the batch.
    mutating func beginBatch() {
        now = .now
        uptime = Uptime(now)
    }

    private mutating func handle(_ events: Epoll.EventMask, from source: WakeSource) {
        switch source {
        case .wakeUp:
            self.events.acknowledgeWake()
            for id in self.events.takeRequests() { attend(to: id) }
        case .listener(let index):
            accept(from: Int(index))
        case .transport(.uplink):
            handleUplink(events)
        case .transport(let id):
            guard let attachment = attachments[id] else { return }
            if events.intersects(.writable) { attachment.port.flush(self.events) }
            if events.intersects(.incoming) { receive(from: attachment) }
        case .nat(let id):
            guard let attachment = attachments[id] else { return }
            pollNAT(of: attachment)
        case .forward(let id):
            acceptClients(of: id)
        case .links:
            takeLinkNews()
        }
    }

    /// Lets NATs go on that had to wait until their guests took what was queued.
    private mutating func resumeNATs() {
        pollNATs(of: flushList.takeRoomy())
    }

    private mutating func pollNATs(of ids: [PortID]) {
        for id in ids {
            if let attachment = attachments[id] { pollNAT(of: attachment) }
        }
    }

    /// Reads one batch of a guest's frames and sends each on its way.
    private mutating func receive(from attachment: Attachment) {
        var (frames, byteCount) = (0, 0)
        let outcome = attachment.port.transport.receive { frame, offload in
            frames &+= 1
            byteCount &+= frame.count
            forward(frame, offload: offload, from: attachment)
        }
        attachment.port.countReceived(frames: frames, byteCount: byteCount)
        receivedByteCount &+= byteCount
        attachment.port.countDropsOfTransport()
        if case .closed(let reason) = outcome { detach(attachment, reason: reason) }
    }

    /// Lets a guest's NAT read from its sockets, as much as the guest's port has room for.
    private mutating func pollNAT(of attachment: Attachment) {
        attachment.nat?.poll(now: now, room: attachment.port.room)
        beginBatch(of: attachment)
    }

    /// Keeps in mind that the guest's NAT has to finish its batch.
    mutating func beginBatch(of attachment: Attachment) {
        guard !attachment.isUnfinished else { return }
        attachment.isUnfinished = true
        if isOnForeignThread, brokenPipeBlock == nil { brokenPipeBlock = BrokenPipeBlock() }
        unfinished.append(attachment)
    }

    /// Lets NATs that were called in this batch finish it, once each.
    private mutating func finishNATs() {
        for attachment in unfinished {
            attachment.isUnfinished = false
            guard attachments[attachment.id] === attachment else { continue }
            attachment.nat?.finishBatch(now: now, room: attachment.port.room)
            noteProgress(of: attachment)
        }
        unfinished.removeAll(keepingCapacity: true)
    }

    /// Keeps in mind what the loop has to come back to.
    mutating func noteProgress(of attachment: Attachment) {
        agenda.set(attachment.nat?.deadline, for: attachment.id)
        attachment.port.awaitRoom(attachment.nat?.awaitedRoom)
    }

    /// Calls the NATs whose time has come.
    private mutating func runDeadlines() {
        pollNATs(of: agenda.removeDue(now))
    }

    /// How often guests are heard again that have answered at once, before others have their turn.
    private static let mostAnswers = 8

    /// Hears guests whose kernels have answered what was written to them before the call returned: a connection's window
    /// is open again, and to sleep first would leave it unused for as long as that takes.
    private mutating func receiveAnswers() {
        for _ in 0..<Self.mostAnswers {
            flushList.flush(events, arrivals: &arrivals)
            let answering = flushList.takeAnswering()
            guard !answering.isEmpty else { return }
            for id in answering {
                if let attachment = attachments[id] { receive(from: attachment) }
            }
        }
    }

    /// Leases are on disk before their replies leave; then every port that was given frames writes them.
    mutating func finishBatch() {
        admitGuests()
        receiveAnswers()
        if forwards.isExpectant {
            askForGuests()
            lookForGuests()
        }
        finishNATs()
        dhcp?.finishBatch(now: now) { [attachments] id, frame in
            attachments[id]?.port.deliver(frame, offload: .none, urgency: .ordinary)
        }
        flushList.flush(events, arrivals: &arrivals)
    }

    /// How long until the first deadline.
    func timeout() -> Duration? {
        if flushList.hasRoom { return .zero }
        var first = Duration.earlier(dhcp?.wait(now: now), agenda.first.map { $0 - now })
        if !reminders.isEmpty { first = .earlier(first, reminders.first.map { $0 - now }) }
        if let resumption { first = .earlier(first, resumption - now) }
        if let uplink, let due = uplink.retries.due { first = .earlier(first, due - now) }
        if forwards.isExpectant, let due = forwards.deadline { first = .earlier(first, due - now) }
        return first.map { max($0, .zero) }
    }
}

extension Duration {
    /// The earlier of two times to wait, of which nil is never.
    static func earlier(_ one: Duration?, _ other: Duration?) -> Duration? {
        guard let one, let other else { return one ?? other }
        return min(one, other)
    }
}
