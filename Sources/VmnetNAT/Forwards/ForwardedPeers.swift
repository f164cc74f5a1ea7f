import VmnetSystem
import VmnetWire

/// Who sends datagrams to a guest's ports through forwards, and by which address and port the guest knows each of them.
///
/// A peer is found from either side, so that the guest's answer goes back over the socket that its question came by. A
/// peer costs no descriptor and no timer, so it is kept for long: an answer that is late would otherwise leave by the
/// ordinary NAT, from a port that the peer has never heard of. Bounded: each forward's peers make room for its own, the
/// one longest silent first.
struct ForwardedPeers {
    /// Peers of one forward.
    static let capacityPerForward = 1024
    /// Peers of the guest, over all forwards.
    static let capacity = 8192
    /// Seconds of silence after which a peer may be a stranger: what answers it then is a flow of the guest's own.
    static let idleSeconds: Int64 = 7200
    /// How many ports are tried for one that no other peer appears at.
    private static let portTrials = 16

    struct Peer {
        /// The forward's socket; -1 in a free slot.
        fileprivate(set) var socket: Int32
        /// On the host's side.
        let host: InternetEndpoint
        /// As the guest knows it.
        let shown: InternetEndpoint
        /// The guest's port.
        let port: UInt16
        /// Nanoseconds of the NAT's clock at the last datagram, either way.
        fileprivate(set) var lastUsed: Int64
        /// Neighbours among the forward's; -1 at the ends.
        fileprivate var previous: Int32 = -1
        fileprivate var next: Int32 = -1
    }

    /// The peers of one forward, the one longest silent first; -1 = none.
    private struct Queue {
        var head: Int32 = -1
        var tail: Int32 = -1
        var count = 0
    }

    private let policy: DestinationPolicy
    private let gateway: IPv6Address
    private var peers: [Peer] = []
    private var freeSlots: [Int32] = []
    private var byHost = FlowIndex()
    private var byShown = FlowIndex()
    /// By the forward's socket.
    private var queues: [Int32: Queue] = [:]
    private let seed = UInt64.random(in: .min ... .max)

    init(_ configuration: NATConfiguration) {
        policy = configuration.policy
        gateway = IPv6Address(mapping: configuration.gatewayAddress)
    }

    var isEmpty: Bool { peers.count == freeSlots.count }
    var count: Int { peers.count - freeSlots.count }

    /// How the guest knows a peer that a datagram has come from; nil when there is no room for one more.
    ///
    /// - Parameters:
    ///   - socket: the number of the forward's socket.
    ///   - port: the guest's.
    mutating func shown(
        _ host: InternetEndpoint, over socket: Int32, to port: UInt16, now: Int64
    ) -> InternetEndpoint? {
        if let slot = slot(ofHost: host, over: socket) {
            use(slot, now: now)
            return peers[slot].shown
        }
        guard makeRoom(for: socket), let shown = name(for: host, to: port, now: now) else { return nil }
        insert(Peer(socket: socket, host: host, shown: shown, port: port, lastUsed: now))
        return shown
    }

    /// How the guest knows a peer, if it does.
    func known(_ host: InternetEndpoint, over socket: Int32) -> InternetEndpoint? {
        slot(ofHost: host, over: socket).map { peers[$0].shown }
    }

    /// Whom the guest means, and by which socket it is reached; nil for nobody that has sent anything lately.
    mutating func peer(_ shown: InternetEndpoint, from port: UInt16, now: Int64) -> Peer? {
        guard let slot = slot(ofShown: shown, from: port) else { return nil }
        guard now - peers[slot].lastUsed < Self.idleSeconds * 1_000_000_000 else {
            remove(slot)
            return nil
        }
        use(slot, now: now)
        return peers[slot]
    }

    /// Whether the guest may mean somebody that has sent something.
    func contains(_ shown: InternetEndpoint, from port: UInt16) -> Bool { slot(ofShown: shown, from: port) != nil }

    /// Forgets the peers of a forward.
    mutating func removeAll(over socket: Int32) {
        while let oldest = queues[socket]?.head, oldest >= 0 { remove(Int(oldest)) }
        queues[socket] = nil
    }

    // MARK: Names

    /// The peer's own address where the guest could answer it; else the gateway's, with the peer's port where it is free.
    private mutating func name(for host: InternetEndpoint, to port: UInt16, now: Int64) -> InternetEndpoint? {
        if policy.showsItself(host.address, port: host.port), isFree(host, to: port, now: now) { return host }
        var shown = InternetEndpoint(gateway, host.port)
        for _ in 0..<Self.portTrials {
            if policy.mayAppear(atGatewayPort: shown.port), isFree(shown, to: port, now: now) { return shown }
            shown.port = .random(in: 1024 ... .max)
        }
        return nil
    }

    /// Whether no other peer has the name; one that has been silent for too long gives it up.
    private mutating func isFree(_ shown: InternetEndpoint, to port: UInt16, now: Int64) -> Bool {
        guard let slot = slot(ofShown: shown, from: port) else { return true }
        guard now - peers[slot].lastUsed >= Self.idleSeconds * 1_000_000_000 else { return false }
        remove(slot)
        return true
    }

    // MARK: The table

    private func slot(ofHost host: InternetEndpoint, over socket: Int32) -> Int? {
        byHost.slot(hash(host, socket)) { peers[$0].socket == socket && peers[$0].host == host }
    }

    private func slot(ofShown shown: InternetEndpoint, from port: UInt16) -> Int? {
        byShown.slot(hash(shown, port)) { peers[$0].port == port && peers[$0].shown == shown }
    }

    private func hash(_ host: InternetEndpoint, _ socket: Int32) -> UInt32 {
        hash(host, IPv6Address(high: 1, low: UInt64(UInt32(bitPattern: socket))), 0)
    }

    private func hash(_ shown: InternetEndpoint, _ port: UInt16) -> UInt32 { hash(shown, .any, port) }

    private func hash(_ endpoint: InternetEndpoint, _ other: IPv6Address, _ port: UInt16) -> UInt32 {
        let key = FlowKey(
            kind: .udp, source: endpoint.address, destination: other, sourcePort: endpoint.port,
            destinationPort: port)
        return UInt32(truncatingIfNeeded: key.hash(seed: seed))
    }

    private mutating func makeRoom(for socket: Int32) -> Bool {
        let queue = queues[socket] ?? Queue()
        guard queue.count >= Self.capacityPerForward || count >= Self.capacity else { return true }
        guard queue.head >= 0 else { return false }
        remove(Int(queue.head))
        return true
    }

    private mutating func insert(_ peer: Peer) {
        let slot: Int
        if let free = freeSlots.popLast() {
            slot = Int(free)
            peers[slot] = peer
        } else {
            slot = peers.count
            peers.append(peer)
        }
        byHost.insert(hash(peer.host, peer.socket), slot: slot)
        byShown.insert(hash(peer.shown, peer.port), slot: slot)
        append(slot)
    }

    private mutating func remove(_ slot: Int) {
        let peer = peers[slot]
        byHost.remove(hash(peer.host, peer.socket), slot: slot)
        byShown.remove(hash(peer.shown, peer.port), slot: slot)
        unlink(slot)
        peers[slot].socket = -1
        freeSlots.append(Int32(slot))
    }

    private mutating func use(_ slot: Int, now: Int64) {
        guard peers[slot].lastUsed != now else { return }
        peers[slot].lastUsed = now
        unlink(slot)
        append(slot)
    }

    private mutating func append(_ slot: Int) {
        var queue = queues[peers[slot].socket] ?? Queue()
        peers[slot].previous = queue.tail
        peers[slot].next = -1
        if queue.tail >= 0 { peers[Int(queue.tail)].next = Int32(slot) } else { queue.head = Int32(slot) }
        queue.tail = Int32(slot)
        queue.count += 1
        queues[peers[slot].socket] = queue
    }

    private mutating func unlink(_ slot: Int) {
        var queue = queues[peers[slot].socket] ?? Queue()
        let (previous, next) = (peers[slot].previous, peers[slot].next)
        if previous >= 0 { peers[Int(previous)].next = next } else { queue.head = next }
        if next >= 0 { peers[Int(next)].previous = previous } else { queue.tail = previous }
        queue.count -= 1
        queues[peers[slot].socket] = queue
    }
}
