import SystemPackage
package import VmnetSwitch
package import VmnetSystem
package import VmnetWire

/// A guest behind a connection of records, one frame in each, as the BESS switch began it: User Mode Linux's
/// `vec0:transport=bess`.
package final class SeqpacketPort: Transport {
    private let socket: Descriptor
    private let buffers: TransportBuffers
    // Two values, because `receive` holds the first while a frame's answer is put into the second.
    private var drops = DropCounter()
    private var sender: MessageSender
    /// Why nothing can be sent any more.
    private var failure: Errno?

    /// - Parameters:
    ///   - socket: connected; it is made non-blocking, and its buffers are made larger.
    ///   - buffers: the network's.
    package init(
        _ socket: consuming Descriptor, buffers: TransportBuffers, queue: consuming FrameQueue = FrameQueue()
    ) throws(SystemError) {
        try socket.setNonBlocking()
        Socket.setBuffers(socket.raw, byteCount: SocketDepth.byteCount)
        self.socket = socket
        self.buffers = buffers
        sender = MessageSender(queue: queue)
    }

    package var descriptor: Int32? { socket.raw }
    package var isBlocked: Bool { sender.isBlocked }
    package var heldRoom: Int { sender.queue.heldRoom }
    package var ordinaryRoom: Int { sender.queue.ordinaryRoom }
    package var queueDepth: QueueDepth { sender.queue.depth }

    package func enqueue(_ frame: Span<UInt8>, offload: OffloadDescriptor, urgency: FrameUrgency) -> DropReason? {
        guard failure == nil else { return .transport }
        return sender.queue.enqueue(frame, offload: offload, urgency: urgency)
    }

    package func flush() {
        guard let error = sender.flush(socket.raw, &buffers.send) else { return }
        failure = error
        sender.dropAll()
    }

    package func receive(_ handle: (Span<UInt8>, OffloadDescriptor) -> Void) -> ReceiveOutcome {
        switch buffers.receive.receive(socket.raw) {
        case .moved(let count): return deliver(count, handle)
        case .wouldBlock:
            guard let failure else { return .drained }
            return .closed(reason: "the guest takes no more frames: \(failure)")
        case .failed(let error): return .closed(reason: "receiving from the guest failed: \(error)")
        }
    }

    package func takeDrops() -> [(reason: DropReason, count: UInt64)] {
        drops.take() + sender.drops.take()
    }

    private func deliver(_ count: Int, _ handle: (Span<UInt8>, OffloadDescriptor) -> Void) -> ReceiveOutcome {
        // An empty record and the end of the connection look alike, and the end fills the batch. So a batch of
        // nothing is the end if the other side has hung up.
        let isNothing = buffers.receive.isNothing(count)
        if isNothing, Socket.hasHungUp(socket.raw) { return .closed(reason: "the guest closed the connection") }
        var batchDrops = DropCounter()
        buffers.coalesce(handle) { coalescer in
            buffers.receive.forEachMessage(count) { _, bytes, isTruncated in
                guard isNothing || !bytes.isEmpty else { return }
                MessageReceiver.deliver(bytes, isTruncated: isTruncated, drops: &batchDrops, &coalescer, handle)
            }
        }
        drops.add(batchDrops)
        return count == ReceiveBatch.capacity ? .more : .drained
    }
}
