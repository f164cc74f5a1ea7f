import VmnetPorts
import VmnetSwitch
import VmnetWire

/// Guests in this process.
extension NetworkState {
    /// Sends what `body` gives to the closure it gets as one batch of a guest's, on the calling thread and to completion.
    ///
    /// - Returns: whether the guest is there.
    mutating func send(
        from id: PortID, _ body: (@escaping (Span<UInt8>, OffloadDescriptor) -> Void) -> Void
    ) -> Bool {
        guard let attachment = attachments[id] else { return false }
        beginBatch()
        isOnForeignThread = true
        var (frames, byteCount) = (0, 0)
        Self.lend(to: body) { frame, offload in
            frames &+= 1
            byteCount &+= frame.count
            forward(frame, offload: offload, from: attachment)
        }
        attachment.port.countReceived(frames: frames, byteCount: byteCount)
        finishBatch()
        brokenPipeBlock = nil
        isOnForeignThread = false
        return true
    }

    private static func lend(
        to body: (@escaping (Span<UInt8>, OffloadDescriptor) -> Void) -> Void,
        _ send: (Span<UInt8>, OffloadDescriptor) -> Void
    ) {
        withoutActuallyEscaping(send, do: body)
    }

    /// What has passed a port; nothing when its guest has left.
    func counters(of id: PortID) -> PortCounters { attachments[id]?.port.counters ?? PortCounters() }

    /// Whether the network's thread has to wake earlier than it is about to, which it is told once.
    mutating func isWakeDue() -> Bool {
        guard let timeout = timeout() else { return false }
        let time = now + timeout
        if let wakeTime, wakeTime <= time { return false }
        wakeTime = time
        return true
    }

    /// Looks at a guest that has made room for more, or has to be told again.
    mutating func attend(to id: PortID) {
        reminders.remove(id)
        attachments[id]?.port.list()
    }

    /// Tells programs again of what they have not read.
    mutating func runReminders() {
        for id in reminders.removeDue(now) {
            guard let port = attachments[id]?.port, let announcer = port.announcer, announcer.hasPackets else {
                continue
            }
            announcer.lengthenInterval()
            port.list()
        }
    }

    /// Whom to tell of packets, once the lock is free.
    mutating func takeAnnouncements() -> [Announcement] {
        if arrivals.isEmpty { return [] }
        let arrived = arrivals
        arrivals = []
        return arrived.compactMap { port in
            guard let announcer = port.announcer, announcer.hasPackets else { return nil }
            if announcer.reminds, !reminders.contains(port.id) {
                reminders.set(now + announcer.reminderInterval, for: port.id)
            }
            return Announcement(port: port.id, announcer: announcer)
        }
    }
}
