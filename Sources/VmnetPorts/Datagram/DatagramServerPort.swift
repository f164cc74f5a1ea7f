import SystemPackage
package import VmnetSwitch
package import VmnetSystem
package import VmnetWire

/// The one guest that sends datagrams to a path, `dgram:PATH`, found by the address that it sends from.
///
/// There are two kinds of guest, told apart when the first datagram of one arrives:
///
/// * It addresses every datagram to the path, as QEMU's `-netdev dgram` does. The socket at the path stays unconnected,
///   so that a guest that was restarted is heard at once; answers go through a second socket that is connected to the
///   guest, because only a connected one can be waited on until the guest has room (an unconnected one always claims
///   to be writable). Linux lets ten or so frames wait in each direction (net.unix.max_dgram_qlen).
/// * Its socket is connected to ours, as libkrun's and vfkit's are. Then ours is connected back, which makes the
///   sender's buffer the depth of the queue. Since a connected socket refuses everyone else (EPERM), a new one takes
///   over the path for the guest's successor. A socket that the service manager keeps is not connected, nor its path
///   taken over: then it is it that answers, and after a restart the guest finds everything as it was.
///
/// Whoever sends to the path last is the guest. A guest that is away costs the frames sent to it.
package final class DatagramServerPort: Transport {
    private final class Guest {
        let address: UnixAddress
        /// Answers the guest: connected to it, or the one at the path once more.
        let socket: Descriptor
        /// Whether the guest's socket is connected to this one and this one to it, and its frames arrive here.
        let isMutual: Bool
        /// Where the socket has to be told to send; nil when it is connected to the guest.
        let destination: UnixAddress?

        init(_ address: UnixAddress, _ socket: consuming Descriptor, isMutual: Bool, isConnected: Bool = true) {
            self.address = address
            self.socket = socket
            self.isMutual = isMutual
            destination = isConnected ? nil : address
        }
    }

    private let epoll: Epoll
    private let buffers: TransportBuffers
    private let notice: (String) -> Void
    private var listening: BoundSocket
    private var guest: Guest?
    private var isWaitingForRoom = false
    private var lastRefusal: String?
    private var drops = DropCounter()
    private var sender: MessageSender

    /// - Parameters:
    ///   - socket: a bound datagram socket.
    ///   - buffers: the network's.
    ///   - notice: told why a guest cannot be served, once for each reason, with the network's lock held.
    package init(
        _ socket: consuming BoundSocket, buffers: TransportBuffers, queue: consuming FrameQueue = FrameQueue(),
        notice: @escaping (String) -> Void
    ) throws(SystemError) {
        let epoll = try Epoll()
        try epoll.add(socket.descriptor, .readable, token: 0)
        Socket.setBuffers(socket.descriptor, byteCount: SocketDepth.byteCount)
        self.epoll = epoll
        self.buffers = buffers
        self.notice = notice
        listening = socket
        sender = MessageSender(queue: queue)
    }

    /// An epoll set over the port's sockets. It is readable also when a blocked guest has room again.
    package var descriptor: Int32? { epoll.descriptor }
    package var isBlocked: Bool { sender.isBlocked }
    package var heldRoom: Int { sender.queue.heldRoom }
    package var ordinaryRoom: Int { sender.queue.ordinaryRoom }
    package var queueDepth: QueueDepth { sender.queue.depth }

    package func enqueue(_ frame: Span<UInt8>, offload: OffloadDescriptor, urgency: FrameUrgency) -> DropReason? {
        guard guest != nil else { return .transport }
        return sender.queue.enqueue(frame, offload: offload, urgency: urgency)
    }

    package func flush() {
        guard let guest else { return sender.dropAll() }
        if send(to: guest) != nil { recover(guest) }
        waitForRoom()
    }

    package func receive(_ handle: (Span<UInt8>, OffloadDescriptor) -> Void) -> ReceiveOutcome {
        if sender.isBlocked { flush() }
        var isFull = false
        if let guest, guest.isMutual {
            isFull = receive(from: guest.socket.raw, isShared: false, handle)
        }
        // The guest's successor, or a guest that addresses the path.
        if receive(from: listening.descriptor, isShared: true, handle) { isFull = true }
        return isFull ? .more : .drained
    }

    package func takeDrops() -> [(reason: DropReason, count: UInt64)] {
        drops.take() + sender.drops.take()
    }

    private func send(to guest: Guest) -> Errno? {
        sender.flush(guest.socket.raw, &buffers.send, to: guest.destination)
    }

    /// The descriptor is an epoll set, and the path is bound again by whoever comes next.
    package func remainder() -> TransportRemainder? { nil }

    /// Returns whether the batch was full. An error on a socket of datagrams is about one that was sent, and passes.
    private func receive(
        from raw: Int32, isShared: Bool, _ handle: (Span<UInt8>, OffloadDescriptor) -> Void
    ) -> Bool {
        guard case .moved(let count) = buffers.receive.receive(raw, withAddresses: isShared) else { return false }
        var batchDrops = DropCounter()
        buffers.coalesce(handle) { coalescer in
            buffers.receive.forEachMessage(count) { index, bytes, isTruncated in
                if isShared, !isFromGuest(index), !learn(buffers.receive.address(index)) {
                    batchDrops.count(.transport)
                } else if !bytes.isEmpty, !Self.isGreeting(bytes) {
                    MessageReceiver.deliver(bytes, isTruncated: isTruncated, drops: &batchDrops, &coalescer, handle)
                }
            }
        }
        drops.add(batchDrops)
        return count == ReceiveBatch.capacity
    }

    /// vfkit's and krunkit's hello, which only makes the guest's address known.
    private static func isGreeting(_ bytes: Span<UInt8>) -> Bool {
        bytes.count == 4 && bytes.be32(at: 0) == 0x5646_4b54
    }
}

// MARK: - Whose path it is

extension DatagramServerPort {
    /// Whether a datagram at the path is from the guest we know. A mutual one's arrive at its own socket, so that one
    /// from its address here comes from a new socket.
    private func isFromGuest(_ index: Int) -> Bool {
        guard let guest, !guest.isMutual else { return false }
        return buffers.receive.isFrom(guest.address, index)
    }

    /// Makes whoever sends from `address` the guest. Returns whether that worked.
    private func learn(_ address: UnixAddress?) -> Bool {
        guard let address else {
            refuse("a guest without an address of its own cannot be answered: let it bind its socket to a path first")
            return false
        }
        do throws(SystemError) {
            let newcomer = try meet(address)
            sender.dropAll()
            try become(newcomer)
            lastRefusal = nil
            return true
        } catch {
            refuse("\(error)")
            return false
        }
    }

    private func become(_ newcomer: Guest) throws(SystemError) {
        forgetGuest()
        if newcomer.isMutual { try epoll.modify(newcomer.socket.raw, .readable, token: 0) }
        guest = newcomer
    }

    /// Connects a socket to the guest: one of our own, or the one at the path if the guest hears no other.
    private func meet(_ address: UnixAddress) throws(SystemError) -> Guest {
        let answers = try Socket.unix(.datagram)
        Socket.setBuffers(answers.raw, byteCount: SocketDepth.byteCount)
        do throws(Errno) {
            try Socket.setPeer(answers.raw, address)
            return Guest(address, answers, isMutual: false)
        } catch {
            guard error == .notPermitted else {
                throw SystemError("answer the guest at \(address)", error)
            }
        }
        if listening.isPassed {
            return Guest(address, try .duplicate(listening.descriptor), isMutual: false, isConnected: false)
        }
        let own = try listening.renew()
        Socket.setBuffers(listening.descriptor, byteCount: SocketDepth.byteCount)
        try epoll.add(listening.descriptor, .readable, token: 0)
        do throws(Errno) {
            try Socket.setPeer(own.raw, address)
            return Guest(address, own, isMutual: true)
        } catch {
            throw SystemError("answer the guest at \(address)", error)
        }
    }

    private func forgetGuest() {
        guard let guest else { return }
        if guest.isMutual || isWaitingForRoom { try? epoll.remove(guest.socket.raw) }
        isWaitingForRoom = false
        self.guest = nil
    }

    /// Says why a guest cannot be served, unless it was said last.
    private func refuse(_ reason: String) {
        guard reason != lastRefusal else { return }
        lastRefusal = reason
        notice("\(listening.path): \(reason)")
    }
}

// MARK: - A guest that is away, or does not read

extension DatagramServerPort {
    /// Goes on after the guest's socket was closed, or connected to ours only now: there may be another at its address.
    private func recover(_ guest: Guest) {
        do throws(SystemError) {
            try become(try meet(guest.address))
        } catch {
            // One that is addressed may come back to the same place; one that was connected does not.
            if guest.isMutual { forgetGuest() }
            return sender.dropAll()
        }
        guard let guest = self.guest else { return }
        if send(to: guest) != nil { sender.dropAll() }
    }

    /// Makes the port's descriptor readable once the guest has room, if it has none.
    private func waitForRoom() {
        guard let guest, sender.isBlocked != isWaitingForRoom else { return }
        let raw = guest.socket.raw
        isWaitingForRoom = sender.isBlocked
        do throws(SystemError) {
            if guest.isMutual {
                try epoll.modify(raw, isWaitingForRoom ? [.readable, .writable] : .readable, token: 0)
            } else if isWaitingForRoom {
                try epoll.add(raw, .writable, token: 0)
            } else {
                try epoll.remove(raw)
            }
        } catch {
            // Without memory for the wait nothing would wake this port: what it holds is lost, but not the port.
            isWaitingForRoom = false
            sender.dropAll()
        }
    }
}
