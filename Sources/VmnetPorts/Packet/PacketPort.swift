import SystemPackage
package import VmnetSwitch
package import VmnetSystem
package import VmnetWire

/// The physical network behind a packet socket: the uplink of a bridged network.
///
/// The kernel says beside each frame what it has left out of it, a VLAN tag, and what is still to be done to it: with
/// offloads on, as they are everywhere by default, up to 64 KiB of a TCP stream come as one frame. All of that goes on as
/// it is, and the other way.
///
/// Long frames are sent from where they lie, since to copy one costs more than a system call. Short ones are queued and
/// sent together.
package final class PacketPort: Transport {
    private let socket: PacketSocket
    private let buffers: PacketBuffers
    // Two values, because `receive` holds the first while a frame's answer is put into the second.
    private var drops = DropCounter()
    private var sendDrops = DropCounter()
    /// Joined UDP datagrams are cut here: the kernel takes them from a packet socket since 6.2 only, and does not say so.
    private var queue = FrameQueue(hasVirtioHeader: true, cutsDatagrams: false)
    private var isFull = false
    private var head = FrameHead(isShort: true)
    private var hasNews = false

    /// - Parameter buffers: the uplink's, which has one port after the other.
    package init(_ socket: consuming PacketSocket, buffers: PacketBuffers) {
        self.socket = socket
        self.buffers = buffers
    }

    package var descriptor: Int32? { socket.descriptor.raw }
    package var isReadBySegment: Bool { false }
    package var isBlocked: Bool { isFull }
    package var heldRoom: Int { queue.heldRoom }
    package var ordinaryRoom: Int { queue.ordinaryRoom }
    package var queueDepth: QueueDepth { queue.depth }

    /// The number of the interface.
    package var interfaceIndex: Int32 { socket.interfaceIndex }

    /// What the interface is like now. Throws when it has gone.
    package func interface() throws(SystemError) -> InterfaceState { try socket.interface() }

    /// Whether the socket has told, since the last call, that the interface is down or has gone.
    package func takeNews() -> Bool {
        defer { hasNews = false }
        return hasNews
    }

    /// Has the socket admit other frames. What the old filter has admitted comes still: the switch knows whether there is a
    /// receiver for it.
    package func setFilter(_ filter: PacketFilter) throws(SystemError) {
        try socket.setFilter(filter)
    }

    package func enqueue(_ frame: Span<UInt8>, offload: OffloadDescriptor, urgency: FrameUrgency) -> DropReason? {
        guard offload.segmentation != .none, queue.passesOn(offload) else {
            return queue.enqueue(frame, offload: offload, urgency: urgency)
        }
        // Not before what waits.
        if !queue.isEmpty { flush() }
        guard queue.isEmpty else { return queue.enqueue(frame, offload: offload, urgency: urgency) }
        guard frame.count <= Frame.maximumByteCount else { return .oversize }
        let sent = head.write(frame, offload) { socket.descriptor.write($0, $1) }
        switch sent {
        case .moved: return nil
        case .wouldBlock: return queue.enqueue(frame, offload: offload, urgency: urgency)
        case .failed(let error): return refusal(error)
        case nil: return .malformed
        }
    }

    package func flush() {
        isFull = false
        while !queue.isEmpty, !isFull {
            buffers.fill(from: queue)
            var sent = 0
            while sent < buffers.send.count, !isFull {
                switch queue.withBytes({ buffers.send.send(socket.descriptor.raw, from: $0, first: sent) }) {
                case .moved(let count): sent += count
                case .wouldBlock: isFull = true
                case .failed(let error):
                    // That frame is lost; the next one has its own chance.
                    sendDrops.count(refusal(error))
                    sent += 1
                }
            }
            if sent > 0 { queue.removeFirst(buffers.send.end(of: sent - 1)) }
        }
    }

    package func receive(_ handle: (Span<UInt8>, OffloadDescriptor) -> Void) -> ReceiveOutcome {
        switch buffers.receive.receive(socket.descriptor.raw) {
        case .moved(let count):
            deliver(count, handle)
            return count == PacketReceiveBatch.capacity ? .more : .drained
        case .wouldBlock: return .drained
        // The kernel has a frame of a kind that its header has no words for, and drops it.
        case .failed(.invalidArgument):
            drops.count(.unsupported)
            return .more
        case .failed:
            hasNews = true
            return .drained
        }
    }

    package func takeDrops() -> [(reason: DropReason, count: UInt64)] {
        drops.take() + sendDrops.take()
    }

    /// Counts frames that came in faster than they were received. Not for each batch: it asks the kernel.
    package func countKernelDrops() {
        let count = socket.takeDropCount()
        if count > 0 { drops.count(.socketFull, UInt64(count)) }
    }

    private func deliver(_ count: Int, _ handle: (Span<UInt8>, OffloadDescriptor) -> Void) {
        var batchDrops = DropCounter()
        buffers.coalesce(handle) { receive, coalescer in
            for index in 0..<count {
                let isTruncated = receive.isTruncated(index)
                receive.takeFrame(index) { header, frame, isTagged in
                    if let reason = PacketReceiver.refusal(of: frame, isTruncated: isTruncated) {
                        return batchDrops.count(reason)
                    }
                    guard let offload = try? PacketReceiver.offload(header, isTagged: isTagged) else {
                        return batchDrops.count(.malformed)
                    }
                    coalescer.take(frame, offload, handle)
                }
            }
        }
        drops.add(batchDrops)
    }

    /// ENOBUFS when the interface's queue is full, EMSGSIZE above its MTU, ENETDOWN and ENXIO when it is down or has gone,
    /// EINVAL for a header that contradicts its frame.
    private func refusal(_ error: Errno) -> DropReason {
        switch error {
        case .messageTooLong: return .oversize
        case .invalidArgument: return .malformed
        case .networkDown, .noSuchAddressOrDevice, .operationNotSupportedByDevice:
            hasNews = true
            return .linkDown
        default: return .transport
        }
    }
}
