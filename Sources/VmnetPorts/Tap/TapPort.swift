import SystemPackage
package import VmnetSwitch
package import VmnetSystem
package import VmnetWire

/// A guest behind a TAP interface: a network namespace, or an emulator that knows nothing else.
///
/// With a virtio-net header on the interface, what is still to be done to a frame is passed on to the kernel, which does
/// it or leaves it to the next; and the kernel passes on what is to be done to its frames.
///
/// Each frame is a system call of its own, whenever it is written: so it is written from where it lies, at once. Only
/// what the interface does not take is copied and queued, and the NAT's long segments, which are joined. So are a guest's
/// datagrams as they are read, of which the kernel makes no segments unless its programs ask.
package final class TapPort: Transport {
    /// Frames that are read in one go, and how many of them the network is given: runs of datagrams count once.
    private static let (readFrames, batchFrames) = (128, 64)

    private let interface: Descriptor
    /// The interface's name, in the namespace that it was made in.
    package let name: String
    private let hasVirtioHeader: Bool
    private let buffers: TransportBuffers
    // Two values, because `receive` holds the first while a frame's answer is put into the second.
    private var drops = DropCounter()
    private var sender: MessageSender
    private var isFull = false
    /// Whether frames wait, in the queue or to be joined: said by flags, because the runtime watches over every look at
    /// these themselves.
    private var (hasQueued, hasJoined) = (false, false)
    /// Set when a super-frame is written: the kernel acknowledges every second segment (RFC 9293, 3.8.6.3).
    package private(set) var expectsAnswer = false
    /// The NAT's segments wait here for the next one, until the batch ends.
    private var joined = JoinedSegments()
    private var head = FrameHead()

    /// - Parameter buffers: the network's.
    package init(_ tap: consuming TapInterface, buffers: TransportBuffers) {
        name = tap.name
        hasVirtioHeader = tap.hasVirtioHeader
        sender = MessageSender(
            queue: FrameQueue(hasVirtioHeader: tap.hasVirtioHeader, cutsDatagrams: tap.cutsDatagrams))
        interface = tap.takeDescriptor()
        self.buffers = buffers
    }

    package var descriptor: Int32? { interface.raw }
    package var isReadBySegment: Bool { false }
    package var isBlocked: Bool { isFull }
    package var heldRoom: Int { sender.queue.heldRoom }
    package var ordinaryRoom: Int { sender.queue.ordinaryRoom }
    package var queueDepth: QueueDepth { sender.queue.depth }

    package func enqueue(_ frame: Span<UInt8>, offload: OffloadDescriptor, urgency: FrameUrgency) -> DropReason? {
        if hasJoined {
            if joined.join(frame) { return nil }
            writeJoined()
        }
        guard !hasQueued, offload.isNone || sender.queue.passesOn(offload) else {
            return queue(frame, offload, urgency)
        }
        guard frame.count >= Frame.minimumByteCount else { return .malformed }
        guard frame.count <= Frame.maximumByteCount else { return .oversize }
        if urgency == .held, offload.segmentation != .none, !offload.needsChecksum {
            guard let headers = try? SuperFrameHeaders(parsing: frame, offload) else { return .malformed }
            joined.begin(frame, headers, offload)
            hasJoined = true
            return nil
        }
        switch write(frame, offload) {
        case .moved: return nil
        case .wouldBlock: return queue(frame, offload, urgency)
        // As in `flush`.
        case .failed: return .transport
        }
    }

    package func flush() {
        isFull = false
        writeJoined()
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
        hasQueued = false
    }

    package func receive(_ handle: (Span<UInt8>, OffloadDescriptor) -> Void) -> ReceiveOutcome {
        expectsAnswer = false
        var outcome = ReceiveOutcome.more
        var batchDrops = DropCounter()
        var run = DatagramRun()
        buffers.coalesce(handle) { coalescer in
            var given = 0
            for _ in 0..<Self.readFrames where given < Self.batchFrames {
                let room = buffers.receive.slotByteCount
                switch buffers.receive.read(interface.raw, byteCount: room, at: run.readOffset) {
                case .moved(let count):
                    guard hasVirtioHeader else {
                        given += 1
                        buffers.receive.withBytes(count) { deliver($0, &batchDrops, &coalescer, handle) }
                        continue
                    }
                    run.take(count, in: buffers.receive) { frame in
                        given += 1
                        deliver(frame, &batchDrops, &coalescer, handle)
                    }
                    continue
                case .wouldBlock: outcome = .drained
                case .failed(let error): outcome = .closed(reason: "the interface \(name) has gone: \(error)")
                }
                break
            }
            run.flush(in: buffers.receive) { deliver($0, &batchDrops, &coalescer, handle) }
        }
        drops.add(batchDrops)
        return outcome
    }

    package func takeDrops() -> [(reason: DropReason, count: UInt64)] {
        drops.take() + sender.drops.take()
    }

    private func queue(_ frame: Span<UInt8>, _ offload: OffloadDescriptor, _ urgency: FrameUrgency) -> DropReason? {
        if let reason = sender.queue.enqueue(frame, offload: offload, urgency: urgency) { return reason }
        hasQueued = true
        return nil
    }

    /// Writes the segments that waited for more to join them.
    private func writeJoined() {
        guard hasJoined else { return }
        hasJoined = false
        let interface = interface.raw
        let outcome = joined.take { (bytes, offload) -> DropReason? in
            switch Descriptor.write(interface, bytes) {
            case .moved:
                expectsAnswer = true
                return nil
            case .wouldBlock:
                return queue(bytes.extracting(droppingFirst: VirtioNetHeader.byteCount), offload, .held)
            case .failed: return .transport
            }
        }
        if let reason = outcome ?? nil { sender.drops.count(reason) }
    }

    /// Writes a frame from where it lies, but for headers that must be changed.
    private func write(_ frame: Span<UInt8>, _ offload: OffloadDescriptor) -> Transfer {
        guard hasVirtioHeader else { return interface.write(frame) }
        return head.write(frame, offload) { interface.write($0, $1) } ?? .failed(.invalidArgument)
    }

    private func deliver(
        _ bytes: Span<UInt8>, _ drops: inout DropCounter, _ coalescer: inout Coalescer,
        _ handle: (Span<UInt8>, OffloadDescriptor) -> Void
    ) {
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
        coalescer.take(frame, offload, handle)
    }
}
