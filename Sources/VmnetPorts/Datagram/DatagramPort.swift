import SystemPackage
package import VmnetSwitch
package import VmnetSystem
package import VmnetWire

/// A guest behind a datagram socket that is connected to it already: one end of a socket pair, as `run` gives the other
/// to its command (`-netdev dgram`, `-netdev socket,fd=`).
///
/// Nothing tells when the other end is closed. Frames for a guest that has gone are counted and dropped.
package final class DatagramPort: Transport {
    private let socket: Descriptor
    private let buffers: TransportBuffers
    // Two values, because `receive` holds the first while a frame's answer is put into the second.
    private var drops = DropCounter()
    private var sender: MessageSender

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
        sender.queue.enqueue(frame, offload: offload, urgency: urgency)
    }

    package func flush() {
        if sender.flush(socket.raw, &buffers.send) != nil { sender.dropAll() }
    }

    package func receive(_ handle: (Span<UInt8>, OffloadDescriptor) -> Void) -> ReceiveOutcome {
        switch buffers.receive.receive(socket.raw) {
        case .moved(let count):
            // A message of no bytes is an empty datagram here, not an end.
            var batchDrops = DropCounter()
            buffers.coalesce(handle) { coalescer in
                buffers.receive.forEachMessage(count) { _, bytes, isTruncated in
                    MessageReceiver.deliver(bytes, isTruncated: isTruncated, drops: &batchDrops, &coalescer, handle)
                }
            }
            drops.add(batchDrops)
            return count == ReceiveBatch.capacity ? .more : .drained
        // What an earlier frame met, told now: the guest is away.
        case .wouldBlock, .failed(.connectionRefused), .failed(.connectionReset): return .drained
        case .failed(let error): return .closed(reason: "receiving from the guest failed: \(error)")
        }
    }

    package func takeDrops() -> [(reason: DropReason, count: UInt64)] {
        drops.take() + sender.drops.take()
    }
}

/// How much a socket of messages may hold.
enum SocketDepth {
    /// Between sockets connected to each other the sender's buffer is the depth of the queue: at Linux's default of
    /// 212,992 bytes that is 93 frames of 1514 bytes, at 1 MiB 911.
    static let byteCount = 1 << 20
}
