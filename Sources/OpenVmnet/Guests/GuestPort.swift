import VmnetNAT
import VmnetPorts
import VmnetSwitch
import VmnetSystem
import VmnetWire

/// A transport with its counters, and its place among those that are to be flushed.
final class GuestPort {
    let id: PortID
    let transport: any Transport
    /// Whom to tell of frames that have arrived; nil when the guest's kernel does.
    let announcer: PacketAnnouncer?
    private(set) var counters = PortCounters()

    private let flushList: FlushList
    private var isListed = false
    /// Whether the loop waits for the guest to take more frames.
    private var isWatchedForRoom = false
    /// The room that the guest's NAT waits for, if it does.
    private var awaitedRoom: PortRoom?
    /// How many of the bytes sent the flush list knows of.
    private var reportedByteCount: UInt64 = 0

    init(id: PortID, transport: any Transport, flushList: FlushList, announcer: PacketAnnouncer? = nil) {
        self.announcer = announcer
        self.id = id
        self.transport = transport
        self.flushList = flushList
    }

    /// Queues a frame for the guest and counts it, or the reason why not.
    @discardableResult
    func deliver(_ frame: Span<UInt8>, offload: OffloadDescriptor, urgency: FrameUrgency) -> DropReason? {
        if let reason = transport.enqueue(frame, offload: offload, urgency: urgency) {
            counters.countDrop(reason)
            return reason
        }
        counters.countSent(byteCount: frame.count)
        list()
        return nil
    }

    /// Has it flushed at the end of the batch.
    @inline(__always)
    func list() {
        guard !isListed else { return }
        isListed = true
        flushList.append(self)
    }

    /// Counts the frames of one batch of the guest's, and their bytes.
    func countReceived(frames: Int, byteCount: Int) {
        counters.countReceived(frames: frames, byteCount: byteCount)
    }

    /// What it can still hold.
    var room: PortRoom { PortRoom(held: transport.heldRoom, ordinary: transport.ordinaryRoom) }

    /// Counts a frame of the guest's that went no further.
    func countDrop(_ reason: DropReason) { counters.countDrop(reason) }

    /// Counts what the transport dropped by itself.
    func countDropsOfTransport() {
        for drop in transport.takeDrops() { counters.countDrop(drop.reason, count: drop.count) }
    }

    /// Writes what is queued; if the guest does not take all of it, the loop waits until it takes frames again.
    func flush(_ events: NetworkEvents) {
        isListed = false
        transport.flush()
        reportRoom()
        let isBlocked = transport.isBlocked
        guard isBlocked != isWatchedForRoom else { return }
        isWatchedForRoom = isBlocked
        guard let descriptor = transport.descriptor else { return }
        try? events.epoll.modify(
            descriptor, isBlocked ? [.readable, .writable] : .readable,
            token: WakeSource.transport(id).token)
    }

    /// Bytes that the guest was sent since this was last called.
    func takeByteCount() -> Int {
        defer { reportedByteCount = counters.sentBytes }
        return Int(counters.sentBytes &- reportedByteCount)
    }

    /// Has the flush list told once there is so much room of either kind; nil: nobody waits for any.
    func awaitRoom(_ awaitedRoom: PortRoom?) {
        self.awaitedRoom = awaitedRoom
        reportRoom()
    }

    private func reportRoom() {
        guard let awaitedRoom else { return }
        guard !room.isEnough(awaitedRoom) else { return noteRoom() }
        transport.expectRoom()
        // The guest may have made it just before.
        if room.isEnough(awaitedRoom) { noteRoom() }
    }

    private func noteRoom() {
        awaitedRoom = nil
        flushList.noteRoom(at: id)
    }
}

/// The ports that a batch has queued frames at, so that its end touches those only.
final class FlushList {
    private var ports: [GuestPort] = []
    /// Ports that have room again for the NATs that waited for it.
    private var roomy: [PortID] = []

    /// Ports whose guests have answered what was just written to them.
    private var answering: [PortID] = []
    private var byteCount = 0

    /// Whether a NAT can go on.
    var hasRoom: Bool { !roomy.isEmpty }

    func append(_ port: GuestPort) {
        ports.append(port)
    }

    /// Flushes each, and is empty afterwards, its memory kept.
    ///
    /// - Parameter arrivals: gets the ports where frames have arrived that a program of this process wants to hear of.
    func flush(_ events: NetworkEvents, arrivals: inout [GuestPort]) {
        if ports.isEmpty { return }
        for port in ports {
            port.flush(events)
            byteCount &+= port.takeByteCount()
            if port.transport.expectsAnswer { answering.append(port.id) }
            if let announcer = port.announcer, announcer.hasListeners { arrivals.append(port) }
        }
        ports.removeAll(keepingCapacity: true)
    }

    /// Bytes that guests were sent since this was last called.
    func takeByteCount() -> Int {
        defer { byteCount = 0 }
        return byteCount
    }

    /// The ports that can be read from at once, although nothing has woken the loop for them.
    func takeAnswering() -> [PortID] {
        if answering.isEmpty { return [] }
        defer { answering.removeAll(keepingCapacity: true) }
        return answering
    }

    func noteRoom(at port: PortID) {
        roomy.append(port)
    }

    /// The ports that have room for NATs that waited, once each.
    func takeRoomy() -> [PortID] {
        if roomy.isEmpty { return [] }
        defer { roomy.removeAll() }
        return roomy
    }
}

extension PortRoom {
    /// Whether it is so much of either kind.
    fileprivate func isEnough(_ wanted: PortRoom) -> Bool { held >= wanted.held || ordinary >= wanted.ordinary }
}
