import VmnetSystem
import VmnetWire

/// Datagrams that others send to the guest, through a socket of a forward's.
///
/// The socket is a flow like those of the guest's own, but for its peers: who has sent something through it is kept in
/// `ForwardedPeers`, and the socket lives as long as its forward.
extension UDPEngine {
    /// Watches the socket of a forward.
    mutating func openForward(
        _ forward: ForwardID, over socket: consuming Descriptor, to target: ForwardTarget, now: NATTime
    ) throws(SystemError) {
        self.now = now
        closeForward(forward)
        let isIPv4 = InternetEndpoint(nameOf: socket.raw)?.isIPv4 ?? true
        let key = FlowKey.udp(
            source: IPv6Address(mapping: target.address), sourcePort: target.port, path: .forward)
        let slot = flows.insert(
            UDPFlow(key: key, path: .forward, isIPv4: isIPv4, station: target.station, peer: .any), socket,
            now: now.nanoseconds)
        do throws(SystemError) {
            try epoll.add(flows[slot].descriptor, .readable, token: flows.token(of: slot))
        } catch {
            close(slot)
            throw error
        }
        forwards[forward] = slot
    }

    /// Closes a forward's socket, if it has one here.
    mutating func closeForward(_ forward: ForwardID) {
        guard let slot = forwards.removeValue(forKey: forward) else { return }
        close(slot)
        peers.removeAll(over: Int32(slot))
    }

    func datagramCounts(of forward: ForwardID) -> DatagramCounts {
        forwards[forward].map { flows[$0].counts } ?? DatagramCounts()
    }

    /// Whether a datagram of the guest's is for somebody whom a forward has let in.
    func isAnswer(_ flow: GuestFlow) -> Bool {
        peers.contains(InternetEndpoint(flow.destination, flow.destinationPort), from: flow.sourcePort)
    }

    /// The peer that the guest answers with a datagram, and the slot of the socket that it leaves by; nil when it answers
    /// nobody.
    mutating func answered(by flow: GuestFlow) -> (slot: Int, peer: InternetEndpoint)? {
        guard !flow.edits.contains(.resolver),
            let peer = peers.peer(
                InternetEndpoint(flow.destination, flow.destinationPort), from: flow.sourcePort,
                now: now.nanoseconds)
        else { return nil }
        let slot = Int(peer.socket)
        // The address may have been another guest's, or be another one of this guest's.
        guard flows[slot].key.source == flow.source else { return nil }
        flows[slot].counts.sent += 1
        return (slot, peer.host)
    }

    /// How the guest knows the peer that a message has come from, over the socket in `slot`.
    mutating func shown(_ peer: InternetEndpoint, _ slot: Int) -> InternetEndpoint? {
        flows[slot].counts.received += 1
        return peers.shown(peer, over: Int32(slot), to: flows[slot].key.sourcePort, now: now.nanoseconds)
    }
}
