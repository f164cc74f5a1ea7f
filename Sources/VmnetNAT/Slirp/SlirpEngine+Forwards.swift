import VmnetSwitch
import VmnetSystem
import VmnetWire

/// Connections that others open to the guest.
///
/// libslirp opens a connection to the guest for one that it has accepted itself, at a listener of its own whose address
/// leads to the guest's. It gets one for the moment, the door, and a connection over the loopback interface to accept
/// there; as soon as it has a descriptor, the client's socket takes its place (see `SlirpHost.register`). So a client of
/// any family, or of none, is served in the instance that has room for it, no listener of libslirp's is ever left to
/// strangers, and its ways of accepting that abort the process are never taken.
///
/// To libslirp the client is the gateway, at the port that the stand-in came from. A client that the guest is to know by
/// its own address has another name on the guest's side, which is put into each segment (`SocketTable.Socket.alias`).
extension SlirpEngine {
    /// How many ports are tried for one that the guest has no connection with.
    private static let portTrials = 8

    /// Opens a connection to the guest for a client whose socket stays the caller's. Returns whether that worked.
    func accept(
        _ client: Int32, from peer: InternetEndpoint?, to target: ForwardTarget, for forward: ForwardID
    ) -> Bool {
        guard context.flows.hasRoom(for: .tcp, context.budget) else { return false }
        let shown = peer.flatMap { own(name: $0, target) }
        guard let standIn = standIn(for: peer, target), let shard = shardForNewFlow() else { return false }
        touch(shard)
        announce(IPv6Address(mapping: target.address), at: target.station, to: shard)
        shard.host.state.client = ForwardedClient(descriptor: client, forward: forward, shown: shown)
        shard.admit(standIn, to: target)
        defer { shard.host.state.client = nil }
        return shard.host.state.client?.isAccepted ?? false
    }

    /// The connection's name when the client appears with its own address; nil when it does not, or the guest has another
    /// connection of that name, which may have come through another forward.
    private func own(name peer: InternetEndpoint, _ target: ForwardTarget) -> FlowKey? {
        guard configuration.policy.showsItself(peer.address, port: peer.port) else { return nil }
        let key = FlowKey.forwarded(target, from: peer)
        return context.flows.sockets.slot(of: key) == nil ? key : nil
    }

    /// A connection that comes from a port of its own, the client's if possible.
    private func standIn(for peer: InternetEndpoint?, _ target: ForwardTarget) -> StandInConnection? {
        let gateway = IPv6Address(mapping: configuration.gatewayAddress)
        for trial in 0..<Self.portTrials {
            guard let standIn = try? StandInConnection(from: trial == 0 ? peer?.port ?? 0 : 0) else { return nil }
            let key = FlowKey.forwarded(target, from: InternetEndpoint(gateway, standIn.port))
            if configuration.policy.mayAppear(atGatewayPort: standIn.port), context.flows.sockets.slot(of: key) == nil {
                return standIn
            }
        }
        return nil
    }

    /// Ends every connection of a forward, and tells the guest as well as the client.
    func close(_ forward: ForwardID) {
        for slot in 0..<context.flows.sockets.slotCount where context.flows.sockets[slot].forward == forward {
            tellEnd(slot)
            reset(slot)
        }
    }

    /// Resets a connection on the guest's side, in the client's name.
    private func tellEnd(_ slot: Int) {
        // Before it has answered, it knows of no connection; its answer will be told that there is none.
        guard context.flows.sockets[slot].tcp.isSynchronized, let key = context.flows.sockets[slot].key,
            let station = shard(of: slot)?.host.state.station
        else { return }
        // To answer what it would say next.
        let segment = CraftedFrames.segment(
            on: key, from: station, flags: .ack,
            sequence: relay[slot]?.acknowledgement ?? context.flows.sockets[slot].tcp.acknowledged,
            acknowledgement: relay[slot]?.next ?? context.flows.sockets[slot].tcp.confirmed, window: 0)
        context.reset(segment.span)
    }
}

/// A client that libslirp is about to accept.
struct ForwardedClient {
    /// Borrowed.
    let descriptor: Int32
    let forward: ForwardID
    /// The connection's name to the guest; nil when it is the same to libslirp.
    let shown: FlowKey?
    /// libslirp has accepted it.
    var isAccepted = false
}

extension FlowKey {
    /// A connection that a client opens to the guest.
    static func forwarded(_ target: ForwardTarget, from peer: InternetEndpoint) -> FlowKey {
        .tcp(
            source: IPv6Address(mapping: target.address), sourcePort: target.port, destination: peer.address,
            destinationPort: peer.port)
    }
}
