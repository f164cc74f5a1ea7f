import VmnetPorts
import VmnetSlirp
import VmnetSwitch
import VmnetSystem
import VmnetWire

/// What the loop does with what woke it.
extension NetworkState {
    /// Handles one batch of events, and says how long nothing else is to be done; nil = until the next event.
    mutating func handle(_ list: borrowing Epoll.EventList) -> Duration? {
        now = .now
        for index in 0..<list.count {
            let event = list[index]
            guard let source = WakeSource(token: event.token) else { continue }
            handle(event.events, from: source)
        }
        runDeadlines()
        resumeUplinks()
        resumeListeners()
        finishBatch()
        return timeout()
    }

    private mutating func handle(_ events: Epoll.EventMask, from source: WakeSource) {
        switch source {
        case .wakeUp:
            self.events.acknowledgeWake()
        case .listener(let index):
            accept(from: Int(index))
        case .transport(let id):
            guard let attachment = attachments[id] else { return }
            if events.contains(.writable) { attachment.port.flush(self.events) }
            if !events.isDisjoint(with: [.readable, .hangUp, .error]) { receive(from: attachment) }
        case .uplink(let id):
            guard let attachment = attachments[id] else { return }
            pollUplink(of: attachment)
        }
    }

    /// Whether connections of the guest wait for room at its port that is there now.
    private func canResume(_ id: PortID) -> Bool {
        guard let attachment = attachments[id] else { return false }
        return attachment.port.transport.heldRoom >= SlirpNAT.leastRoom
    }

    /// Lets NATs go on that had to wait until their guests took what was queued.
    private mutating func resumeUplinks() {
        for id in paused where canResume(id) {
            guard let attachment = attachments[id] else { continue }
            pollUplink(of: attachment)
        }
    }

    /// Reads one batch of a guest's frames and sends each on its way.
    private mutating func receive(from attachment: Attachment) {
        let outcome = attachment.port.transport.receive { frame, offload in
            forward(frame, offload: offload, from: attachment)
        }
        attachment.port.countDropsOfTransport()
        attachment.nat.finishBatch(now: now)
        noteProgress(of: attachment)
        if case .closed(let reason) = outcome { detach(attachment, reason: reason) }
    }

    /// Lets a guest's NAT read from its sockets, as much as the guest's port has room for.
    private mutating func pollUplink(of attachment: Attachment) {
        attachment.nat.poll(now: now, room: attachment.port.transport.heldRoom)
        noteProgress(of: attachment)
    }

    /// Keeps in mind what the loop has to come back to.
    mutating func noteProgress(of attachment: Attachment) {
        if attachment.nat.deadline == nil {
            timed.remove(attachment.id)
        } else {
            timed.insert(attachment.id)
        }
        if attachment.nat.isPaused {
            paused.insert(attachment.id)
        } else {
            paused.remove(attachment.id)
        }
    }

    /// Runs the timers of those NATs that have flows.
    private mutating func runDeadlines() {
        for id in timed {
            guard let attachment = attachments[id], let deadline = attachment.nat.deadline, deadline <= now else {
                continue
            }
            pollUplink(of: attachment)
        }
    }

    /// Leases are on disk before their replies leave; then every port that was given frames writes them.
    private mutating func finishBatch() {
        dhcp.finishBatch(now: now) { [attachments] id, frame in
            attachments[id]?.port.deliver(frame, offload: .none, urgency: .ordinary)
        }
        flushList.flush(events)
    }

    /// How long until the first deadline.
    private func timeout() -> Duration? {
        if paused.contains(where: { canResume($0) }) { return .zero }
        var first = dhcp.deadline(now: now)
        if let resumption, first.map({ resumption < $0 }) ?? true { first = resumption }
        for id in timed {
            guard let deadline = attachments[id]?.nat.deadline else { continue }
            first = first.map { min($0, deadline) } ?? deadline
        }
        return first.map { max($0 - now, .zero) }
    }
}
