import Synchronization
package import VmnetSwitch
package import VmnetWire

/// A guest in this process: frames for it wait in a ring that it empties itself, and it brings its own to the network.
package final class InProcessPort: Transport {
    package let format: PacketFormat
    private let writer: PacketRingWriter

    package init(_ format: PacketFormat) {
        self.format = format
        writer = PacketRingWriter(
            softLimit: FrameQueue.defaultSoftLimit, hardLimit: FrameQueue.defaultHardLimit,
            longest: 4 + format.maximumPacketByteCount)
    }

    /// Where the guest finds its packets.
    package var ring: PacketRing { writer.ring }

    package var descriptor: Int32? { nil }
    package var isReadBySegment: Bool { !format.joinsSegments }
    package var isBlocked: Bool { false }
    package var heldRoom: Int { writer.heldRoom }
    package var ordinaryRoom: Int { writer.ordinaryRoom }
    package var queueDepth: QueueDepth { QueueDepth(frames: ring.waitingCount, byteCount: writer.byteCount) }

    package func enqueue(_ frame: Span<UInt8>, offload: OffloadDescriptor, urgency: FrameUrgency) -> DropReason? {
        guard frame.count >= Frame.minimumByteCount else { return .malformed }
        if offload.segmentation != .none, !format.passesOn(offload) { return enqueueSegments(frame, offload, urgency) }
        guard frame.count <= format.maximumFrameByteCount else { return .oversize }
        let byteCount = 4 + format.headerByteCount + frame.count
        guard writer.admits(byteCount, isHeld: urgency == .held) else { return .queueFull }
        let offset = writer.place(byteCount)
        let start = offset + 4 + format.headerByteCount
        writer.ring.memory.copy(frame, to: start)
        if format.hasVirtioHeader || offload.needsChecksum,
            let reason = finish(start..<(start + frame.count), offload)
        {
            return reason
        }
        writer.append(byteCount, at: offset)
        return nil
    }

    package func flush() {
        writer.publish()
    }

    package func expectRoom() {
        writer.ring.isRoomAwaited.store(true, ordering: .sequentiallyConsistent)
    }

    /// The guest brings its frames itself.
    package func receive(_ handle: (Span<UInt8>, OffloadDescriptor) -> Void) -> ReceiveOutcome { .drained }

    package func takeDrops() -> [(reason: DropReason, count: UInt64)] { [] }

    /// It ends with this process.
    package func remainder() -> TransportRemainder? { nil }

    @inline(never)
    private func enqueueSegments(
        _ frame: Span<UInt8>, _ offload: OffloadDescriptor, _ urgency: FrameUrgency
    ) -> DropReason? {
        guard let superFrame = try? SuperFrame(parsing: frame, offload) else { return .malformed }
        guard superFrame.byteCount(of: 0) <= format.maximumFrameByteCount else { return .oversize }
        let byteCount = superFrame.byteCountOfPieces + (4 + format.headerByteCount) * superFrame.count
        guard writer.admits(byteCount, isHeld: urgency == .held) else { return .queueFull }
        for index in 0..<superFrame.count {
            let segmentByteCount = superFrame.byteCount(of: index)
            let offset = writer.place(4 + format.headerByteCount + segmentByteCount)
            if format.hasVirtioHeader { write(VirtioNetHeader(offload: .none), at: offset + 4) }
            writer.ring.memory.write(segmentByteCount, at: offset + 4 + format.headerByteCount) {
                superFrame.write(index, of: frame, to: &$0)
            }
            writer.append(4 + format.headerByteCount + segmentByteCount, at: offset)
        }
        return nil
    }

    /// Says or does what is left to do to the frame that was just copied.
    @inline(never)
    private func finish(_ range: Range<Int>, _ offload: OffloadDescriptor) -> DropReason? {
        writer.ring.memory.withMutableBytes(range) { frame in
            guard format.hasVirtioHeader else { return offload.complete(&frame) }
            guard let announced = offload.announced(in: &frame) else { return .malformed }
            write(VirtioNetHeader(offload: announced), at: range.lowerBound - VirtioNetHeader.byteCount)
            return nil
        }
    }

    private func write(_ header: VirtioNetHeader, at offset: Int) {
        writer.ring.memory.write(VirtioNetHeader.byteCount, at: offset) { header.write(to: &$0) }
    }
}
