import SystemPackage
package import VmnetSwitch
package import VmnetSystem
package import VmnetWire

/// A guest behind a stream socket, in QEMU's framing: `-netdev stream`, `-netdev socket`, libkrun, socket_vmnet's
/// clients.
package final class StreamPort: Transport {
    /// One read. A guest with more waits until the others have had theirs.
    private static let batchByteCount = 256 << 10
    /// Half of the window that a connection of the NAT has at most: so much is sent before the batch ends, so that the
    /// guest works on it while the other half is made.
    private static let earlyByteCount = 30_000

    private let socket: Descriptor
    private let buffers: TransportBuffers
    // Two values, because `receive` holds the first while a frame's answer is put into the second.
    private var framing = StreamFraming()
    private var sender: Sender

    /// - Parameters:
    ///   - socket: connected; it is made non-blocking.
    ///   - buffers: the network's.
    package init(
        _ socket: consuming Descriptor, buffers: TransportBuffers, queue: consuming FrameQueue = FrameQueue()
    ) throws(SystemError) {
        try socket.setNonBlocking()
        self.socket = socket
        self.buffers = buffers
        sender = Sender(queue: queue)
    }

    package var descriptor: Int32 { socket.raw }
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
        switch buffers.receive.read(socket.raw, byteCount: Self.batchByteCount) {
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
        framing.takeDrops() + sender.drops.take()
    }

    private func decode(_ count: Int, _ handle: (Span<UInt8>, OffloadDescriptor) -> Void) -> ReceiveOutcome {
        // Out of the object for the batch: an access to it that lasts would make every other one dearer.
        var framing = StreamFraming()
        swap(&framing, &self.framing)
        var violation: StreamFraming.Violation?
        buffers.coalesce(handle) { coalescer in
            violation = buffers.receive.withBytes(count) { bytes in
                framing.decode(bytes) { coalescer.take($0, handle) }
            }
        }
        swap(&framing, &self.framing)
        if let violation {
            return .closed(
                reason: "the guest announced a frame of \(violation.length) bytes; "
                    + "the longest possible is \(StreamFraming.maximumLength)")
        }
        return count == Self.batchByteCount ? .more : .drained
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

        init(queue: consuming FrameQueue) {
            self.queue = queue
        }

        mutating func enqueue(
            _ frame: Span<UInt8>, offload: OffloadDescriptor, urgency: FrameUrgency
        ) -> DropReason? {
            guard failure == nil else { return .transport }
            return queue.enqueue(frame, offload: offload, urgency: urgency)
        }

        mutating func flush(_ raw: Int32) {
            isBlocked = false
            while !queue.isEmpty {
                switch queue.withBytes({ Socket.send(raw, $0) }) {
                case .moved(let count): queue.removeFirst(count)
                case .wouldBlock:
                    isBlocked = true
                    return
                case .failed(let error):
                    failure = error
                    // What a partly written record makes uncountable does not matter: its guest has gone.
                    queue.removeFirst(queue.byteCount)
                }
            }
        }
    }
}
