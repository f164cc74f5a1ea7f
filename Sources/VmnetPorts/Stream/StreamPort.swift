import SystemPackage
package import VmnetSwitch
package import VmnetSystem
package import VmnetWire

/// A guest behind a stream socket, in QEMU's framing: `-netdev stream`, `-netdev socket`, libkrun, socket_vmnet's
/// clients.
///
/// Or another process of ours, at either end of the socket: then each frame has a virtio-net header before it, in which
/// what is still to be done to the frame travels on.
package final class StreamPort: Transport {
    /// One read. A guest with more waits until the others have had theirs.
    private static let batchByteCount = 256 << 10
    /// Frames that the next read is to bring at most: it is made shorter for a guest that sends many small ones.
    private static let batchFrames = 512
    /// So much is sent before the batch ends, so that the guest works on it while the rest is made: any long segment.
    private static let earlyByteCount = 30_000
    /// What the socket is asked to hold for the guest. With Linux's default, which is 212,992 bytes counted with the kernel's
    /// structures, a guest that shares two processors with the rest has emptied it before it is filled again.
    private static let socketByteCount = 512 << 10

    private let socket: Descriptor
    private let buffers: TransportBuffers
    // Two values, because `receive` holds the first while a frame's answer is put into the second.
    private var framing: StreamFraming
    private var sender: Sender
    private let hasVirtioHeader: Bool
    private let joinsSegments: Bool
    /// Frames whose headers contradict themselves.
    private var drops = DropCounter()
    /// Bytes of the next read.
    private var readByteCount = StreamPort.batchByteCount

    /// - Parameters:
    ///   - socket: connected; it is made non-blocking, and holds more than by default.
    ///   - buffers: the network's.
    ///   - hasVirtioHeader: whether each frame has that header before it, both ways.
    ///   - joinsSegments: whether TCP segments that a batch brings are handed on as super-frames.
    ///   - remainder: what a predecessor has left of the same connection.
    package init(
        _ socket: consuming Descriptor, buffers: TransportBuffers, hasVirtioHeader: Bool = false,
        joinsSegments: Bool = true, resuming remainder: TransportRemainder = TransportRemainder()
    ) throws(SystemError) {
        try socket.setNonBlocking()
        Socket.deepen(socket.raw, toSend: Self.socketByteCount)
        self.socket = socket
        self.buffers = buffers
        self.hasVirtioHeader = hasVirtioHeader
        self.joinsSegments = joinsSegments
        framing = StreamFraming(headerByteCount: hasVirtioHeader ? VirtioNetHeader.byteCount : 0)
        sender = Sender(queue: FrameQueue(hasVirtioHeader: hasVirtioHeader), rest: remainder.unsent)
        // A part of a frame completes none.
        _ = framing.decode(remainder.received.span) { _ in }
    }

    package var descriptor: Int32? { socket.raw }
    package var isReadBySegment: Bool { !hasVirtioHeader }
    package var isBlocked: Bool { sender.isBlocked }
    package var heldRoom: Int { sender.queue.heldRoom }
    package var ordinaryRoom: Int { sender.queue.ordinaryRoom }
    package var queueDepth: QueueDepth { sender.queue.depth }

    package func enqueue(_ frame: Span<UInt8>, offload: OffloadDescriptor, urgency: FrameUrgency) -> DropReason? {
        if let reason = sender.enqueue(frame, offload: offload, urgency: urgency) { return reason }
        if sender.queue.byteCount >= Self.earlyByteCount, !sender.isBlocked { sender.flush(socket.raw) }
        return nil
    }

    package func flush() {
        sender.flush(socket.raw)
    }

    package func receive(_ handle: (Span<UInt8>, OffloadDescriptor) -> Void) -> ReceiveOutcome {
        switch buffers.receive.receiveStream(socket.raw, byteCount: readByteCount) {
        case .moved(0):
            let place = framing.isWithinFrame ? " in the middle of a frame" : ""
            return .closed(reason: "the guest closed the connection\(place)")
        case .moved(let count): return decode(count, handle)
        case .wouldBlock:
            guard let error = sender.failure else { return .drained }
            return .closed(reason: "the guest takes no more frames: \(error)")
        case .failed(let error): return .closed(reason: "reading from the guest failed: \(error)")
        }
    }

    package func takeDrops() -> [(reason: DropReason, count: UInt64)] {
        framing.takeDrops() + drops.take() + sender.drops.take()
    }

    package func remainder() -> TransportRemainder? {
        // A successor would not know of the headers, and whoever writes them attaches again by itself.
        guard !hasVirtioHeader, let received = framing.cutFrame else { return nil }
        return TransportRemainder(received: received, unsent: sender.cutFrame)
    }

    private func decode(_ count: Int, _ handle: (Span<UInt8>, OffloadDescriptor) -> Void) -> ReceiveOutcome {
        // Out of the object for the batch: an access to it that lasts would make every other one dearer.
        var framing = StreamFraming()
        swap(&framing, &self.framing)
        var violation: StreamFraming.Violation?
        var frames = 0
        if hasVirtioHeader {
            violation = decodeWithHeaders(count, &framing, &frames, handle)
        } else {
            buffers.coalesce(handle) { coalescer in
                violation = buffers.receive.withBytes(count) { bytes in
                    framing.decode(bytes) {
                        frames &+= 1
                        coalescer.take($0, handle)
                    }
                }
            }
        }
        swap(&framing, &self.framing)
        let isFull = count == readByteCount
        readByteCount =
            frames > Self.batchFrames / 2
            ? min(Self.batchByteCount, count / frames * Self.batchFrames) : Self.batchByteCount
        if let violation {
            return .closed(
                reason: "the guest announced a frame of \(violation.length) bytes; "
                    + "the longest possible is \(StreamFraming.maximumLength)")
        }
        return isFull ? .more : .drained
    }

    /// Frames that are complete are joined as ever; one that has something left to be done goes on behind those before it.
    private func decodeWithHeaders(
        _ count: Int, _ framing: inout StreamFraming, _ frames: inout Int,
        _ handle: (Span<UInt8>, OffloadDescriptor) -> Void
    ) -> StreamFraming.Violation? {
        var violation: StreamFraming.Violation?
        buffers.coalesce(handle) { coalescer in
            violation = buffers.receive.withBytes(count) { bytes in
                framing.decode(bytes) { record in
                    frames &+= 1
                    guard let header = try? VirtioNetHeader(parsing: record) else { return drops.count(.malformed) }
                    let frame = record.extracting(droppingFirst: VirtioNetHeader.byteCount)
                    if joinsSegments, header.offload.isNone { return coalescer.take(frame, handle) }
                    coalescer.flush(handle)
                    handle(frame, header.offload)
                }
            }
        }
        return violation
    }
}

extension StreamPort {
    /// The way to the guest.
    private struct Sender: ~Copyable {
        var queue: FrameQueue
        var isBlocked = false
        /// Why nothing can be sent any more.
        var failure: Errno?
        var drops = DropCounter()
        /// The end of a frame whose beginning a predecessor has sent, before anything else.
        private var rest: [UInt8]
        /// Bytes at the front of the queue that belong to a frame whose beginning is sent.
        private var cutByteCount = 0

        init(queue: consuming FrameQueue, rest: [UInt8]) {
            self.queue = queue
            self.rest = rest
        }

        /// The end of a frame whose beginning is sent; empty between frames.
        var cutFrame: [UInt8] {
            rest.isEmpty ? queue.withBytes { [UInt8](copying: $0.extracting(first: cutByteCount)) } : rest
        }

        mutating func enqueue(
            _ frame: Span<UInt8>, offload: OffloadDescriptor, urgency: FrameUrgency
        ) -> DropReason? {
            guard failure == nil else { return .transport }
            return queue.enqueue(frame, offload: offload, urgency: urgency)
        }

        mutating func flush(_ raw: Int32) {
            isBlocked = false
            guard rest.isEmpty || sendRest(raw) else { return }
            while !queue.isEmpty {
                switch queue.withBytes({ Socket.send(raw, $0) }) {
                case .moved(let count): removeSent(count)
                case .wouldBlock:
                    isBlocked = true
                    return
                case .failed(let error): fail(error)
                }
            }
        }

        private mutating func removeSent(_ count: Int) {
            if count == queue.byteCount {
                cutByteCount = 0
            } else {
                // Where the record ends that the socket has taken last.
                var end = cutByteCount
                while end < count, let record = queue.record(at: end) { end = record.upperBound }
                cutByteCount = end - count
            }
            queue.removeFirst(count)
        }

        /// Returns whether the guest has taken all of it.
        private mutating func sendRest(_ raw: Int32) -> Bool {
            while !rest.isEmpty {
                switch Socket.send(raw, rest.span) {
                case .moved(let count): rest.removeFirst(count)
                case .wouldBlock:
                    isBlocked = true
                    return false
                case .failed(let error):
                    fail(error)
                    return false
                }
            }
            return true
        }

        private mutating func fail(_ error: Errno) {
            failure = error
            rest = []
            cutByteCount = 0
            // What a partly written record makes uncountable does not matter: its guest has gone.
            queue.removeFirst(queue.byteCount)
        }
    }
}
