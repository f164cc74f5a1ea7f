package import VmnetSystem

/// Connections and datagrams that others begin, to a port of the guest.
///
/// The network binds the host's side, and says which guest it leads to; what has come is handed over here.
extension GuestNAT {
    /// Opens a connection to the guest for a client that the network has accepted. Call `finishBatch` afterwards.
    ///
    /// The guest is asked only now, so a client may find that its connection ends at once: because the guest refuses it,
    /// or after 75 seconds because the guest says nothing.
    ///
    /// - Parameters:
    ///   - client: a stream socket, non-blocking; closed when the connection cannot be made.
    ///   - peer: where the client is; nil for one that has no Internet address.
    /// - Returns: whether the guest was asked. Not so at the limit of its connections, or of the process's descriptors.
    package func accept(
        _ client: consuming Descriptor, from peer: InternetEndpoint?, to target: ForwardTarget, for forward: ForwardID,
        now: ContinuousClock.Instant
    ) -> Bool {
        advance(to: now)
        let raw = client.raw
        let isAccepted = slirp.accept(raw, from: peer, to: target, for: forward)
        // libslirp has a descriptor of its own for it.
        if !isAccepted { InternetSocket.resetOnClose(raw) }
        return isAccepted
    }

    /// Lets the datagrams that come to a socket reach the guest, and the guest's answers leave by it.
    ///
    /// - Parameter socket: as `InternetSocket.bindDatagram` makes it. Closed with the forward, or with the NAT.
    /// - Throws: when the kernel has no room to watch it.
    package func openForward(
        _ forward: ForwardID, over socket: consuming Descriptor, to target: ForwardTarget,
        now: ContinuousClock.Instant
    ) throws(SystemError) {
        advance(to: now)
        try udp.openForward(forward, over: socket, to: target, now: context.now)
    }

    /// Ends what was opened for a forward: both sides of each connection are told. Call `finishBatch` afterwards.
    package func closeForward(_ forward: ForwardID, now: ContinuousClock.Instant) {
        advance(to: now)
        slirp.close(forward)
        udp.closeForward(forward)
    }

    /// Connections of a forward that are open, being opened or being closed. Looks at every socket of the guest's.
    package func connectionCount(of forward: ForwardID) -> Int {
        (0..<context.flows.sockets.slotCount).count { context.flows.sockets[$0].forward == forward }
    }

    /// Datagrams that have come and gone over a forward's socket since it was opened here.
    package func datagramCounts(of forward: ForwardID) -> DatagramCounts {
        udp.datagramCounts(of: forward)
    }

    /// What a refused frame is when it answers somebody whom a forward has let in; nil when it does not.
    ///
    /// Policy is about what the guest begins.
    func answer(in frame: Span<UInt8>) -> GuestFlow? {
        guard case .flow(let flow) = answerFilter.classify(frame) else { return nil }
        switch flow.content {
        case .tcp:
            guard let key = flow.key, let slot = context.flows.sockets.slot(of: key),
                context.flows.sockets[slot].forward != nil
            else { return nil }
        case .udp:
            guard udp.isAnswer(flow) else { return nil }
        case .echo: return nil
        }
        return flow
    }
}

/// Datagrams over a forward.
package struct DatagramCounts: Equatable, Sendable {
    /// From the host's side to the guest.
    package internal(set) var received: UInt64 = 0
    /// From the guest.
    package internal(set) var sent: UInt64 = 0

    package init() {}

    package mutating func add(_ other: DatagramCounts) {
        received += other.received
        sent += other.sent
    }
}
