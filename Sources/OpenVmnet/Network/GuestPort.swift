import VmnetPorts
import VmnetSwitch
import VmnetSystem
import VmnetWire

/// A transport with its counters, and its place among those that are to be flushed.
final class GuestPort {
    let id: PortID
    let transport: any Transport
    private(set) var counters = PortCounters()

    private let flushList: FlushList
    private var isListed = false
    /// Whether the loop waits for the guest to take more frames.
    private var isWatchedForRoom = false

    init(id: PortID, transport: any Transport, flushList: FlushList) {
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
        if !isListed {
            isListed = true
            flushList.append(self)
        }
        return nil
    }

    /// Counts a frame of the guest's.
    func countReceived(byteCount: Int) { counters.countReceived(byteCount: byteCount) }

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
        let isBlocked = transport.isBlocked
        guard isBlocked != isWatchedForRoom else { return }
        isWatchedForRoom = isBlocked
        try? events.epoll.modify(
            transport.descriptor, isBlocked ? [.readable, .writable] : .readable,
            token: WakeSource.transport(id).token)
    }
}

/// The ports that a batch has queued frames at, so that its end touches those only.
final class FlushList {
    private var ports: [GuestPort] = []

    func append(_ port: GuestPort) {
        ports.append(port)
    }

    /// Flushes each, and is empty afterwards, its memory kept.
    func flush(_ events: NetworkEvents) {
        for port in ports { port.flush(events) }
        ports.removeAll(keepingCapacity: true)
    }
}
