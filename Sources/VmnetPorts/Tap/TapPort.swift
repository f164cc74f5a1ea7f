import SystemPackage
package import VmnetSwitch
package import VmnetSystem
package import VmnetWire

/// A guest behind a TAP interface: a network namespace, or an emulator that knows nothing else.
///
/// With a virtio-net header on the interface, what is still to be done to a frame is passed on to the kernel, which does
/// it; from the kernel frames come complete, because no offload is asked of it.
package final class TapPort: Transport {
    /// Frames read or written in one go.
    private static let batchFrames = 64

    private let interface: Descriptor
    /// The interface's name, in the namespace that it was made in.
    package let name: String
    private let hasVirtioHeader: Bool
    private let buffers: TransportBuffers
    // Two values, because `receive` holds the first while a frame's answer is put into the second.
    private var drops = DropCounter()
    private var sender: MessageSender
    private var isFull = false

    /// - Parameter buffers: the network's.
    package init(_ tap: consuming TapInterface, buffers: TransportBuffers) {
        name = tap.name
        hasVirtioHeader = tap.hasVirtioHeader
        sender = MessageSender(queue: FrameQueue(hasVirtioHeader: tap.hasVirtioHeader))
        interface = tap.takeDescriptor()
        self.buffers = buffers
    }

    package var descriptor: Int32 { interface.raw }
    package var isBlocked: Bool { isFull }
    package var heldRoom: Int { sender.queue.heldRoom }

    package func enqueue(_ frame: Span<UInt8>, offload: OffloadDescriptor, urgency: FrameUrgency) -> DropReason? {
        sender.queue.enqueue(frame, offload: offload, urgency: urgency)
    }

    package func flush() {
        isFull = false
        while let record = sender.queue.record(at: 0) {
            let written = sender.queue.withBytes { interface.write($0.extracting(record)) }
            if written == .wouldBlock {
                isFull = true
                return
            }
            // EIO while the interface is down, EINVAL for a header that contradicts its frame: that frame is lost.
            if case .failed = written { sender.drops.count(.transport) }
            sender.queue.removeFirstRecord()
        }
    }

    package func receive(_ handle: (Span<UInt8>, OffloadDescriptor) -> Void) -> ReceiveOutcome {
        for _ in 0..<Self.batchFrames {
            switch buffers.receive.read(interface.raw, byteCount: buffers.receive.slotByteCount) {
            case .moved(let count): buffers.receive.withBytes(count) { deliver($0, handle) }
            case .wouldBlock: return .drained
            case .failed(let error): return .closed(reason: "the interface \(name) has gone: \(error)")
            }
        }
        return .more
    }

    package func takeDrops() -> [(reason: DropReason, count: UInt64)] {
        drops.take() + sender.drops.take()
    }

    private func deliver(_ bytes: Span<UInt8>, _ handle: (Span<UInt8>, OffloadDescriptor) -> Void) {
        var offload = OffloadDescriptor.none
        var frame = bytes
        if hasVirtioHeader {
            do throws(WireError) {
                offload = try VirtioNetHeader(parsing: bytes).offload
            } catch {
                return drops.count(.malformed)
            }
            frame = bytes.extracting(droppingFirst: VirtioNetHeader.byteCount)
        }
        guard frame.count >= Frame.minimumByteCount else { return drops.count(.malformed) }
        guard frame.count <= Frame.maximumByteCount else { return drops.count(.oversize) }
        handle(frame, offload)
    }
}
