package import VmnetSwitch
package import VmnetWire

/// A port whose guest is the test: it keeps what it is given.
///
/// Frames wait in a bounded queue until `flush`, which hands them to the guest as long as it reads.
package final class InMemoryPort: Port {
    package struct Delivery: Equatable, Sendable {
        package let bytes: [UInt8]
        package let offload: OffloadDescriptor
        package let urgency: FrameUrgency
    }

    /// Ordinary frames that may wait.
    package var capacity: Int
    /// Bytes of held frames that may wait: the hard limit.
    package var heldCapacity: Int
    /// Whether the guest reads: false leaves frames in the queue.
    package var isReading = true
    /// Frames waiting for the next `flush`, in order.
    package private(set) var queued: [Delivery] = []
    /// Frames that the guest has, in order.
    package private(set) var delivered: [Delivery] = []
    /// How often `flush` was called.
    package private(set) var flushCount = 0

    package init(capacity: Int = .max, heldCapacity: Int = 65536) {
        self.capacity = capacity
        self.heldCapacity = heldCapacity
    }

    package func enqueue(
        _ frame: Span<UInt8>, offload: OffloadDescriptor, urgency: FrameUrgency
    ) -> DropReason? {
        let fits =
            switch urgency {
            case .ordinary: queued.count { $0.urgency == .ordinary } < capacity
            case .held: frame.count <= heldRoom
            }
        guard fits else { return .queueFull }
        queued.append(Delivery(bytes: [UInt8](copying: frame), offload: offload, urgency: urgency))
        return nil
    }

    package func flush() {
        flushCount += 1
        guard isReading else { return }
        delivered += queued
        queued = []
    }

    package var heldRoom: Int {
        let held = queued.filter { $0.urgency == .held }.reduce(0) { $0 + $1.bytes.count }
        return max(0, heldCapacity - held)
    }

    package var ordinaryRoom: Int { heldRoom }

    /// The bytes of what the guest has got since the last call.
    package func takeDelivered() -> [[UInt8]] {
        defer { delivered = [] }
        return delivered.map(\.bytes)
    }
}
