import Synchronization
import VmnetSystem
import VmnetWire

/// A port of the guest, towards one kind of peer, and the host socket that stands for it (RFC 4787, 4.1:
/// endpoint-independent mapping).
struct UDPFlow {
    /// Seconds without a datagram after which a flow is forgotten that has never been answered.
    static let unansweredSeconds: Int64 = 30
    /// The same for one that has. Both are those of Linux's connection tracking; RFC 4787, 4.3 asks for two minutes.
    static let answeredSeconds: Int64 = 120

    /// The host socket; -1 in a free slot.
    fileprivate(set) var descriptor: Int32 = -1
    /// Told apart from the slot's earlier tenants in epoll's tokens.
    fileprivate(set) var generation: UInt32 = 0
    fileprivate(set) var key: FlowKey
    let path: UDPPath
    /// Whether the socket is one of IPv4, which the resolver's may be for either family of guest.
    let isIPv4: Bool
    /// Where the guest's address was last seen.
    var station: MACAddress
    /// Those of the host's side that may answer, as `UDPPath.identity` has them.
    var peers: PeerSet
    /// Nanoseconds of the NAT's clock at the last datagram, either way.
    fileprivate(set) var lastUsed: Int64 = 0
    fileprivate(set) var isAnswered = false
    /// Of a forward.
    var counts = DatagramCounts()
    /// Neighbours in the queue of its kind; -1 at the ends.
    fileprivate var previous: Int32 = -1
    fileprivate var next: Int32 = -1
    /// Records of what is staged for it; -1 = nothing.
    var firstStaged: Int32 = -1
    var lastStaged: Int32 = -1
    /// Bytes of the longest message in the last batch from its socket: what the next one is expected to bring.
    var messageByteCount = UDPEngine.leastRoom
    /// Datagrams of so many bytes or more leave one by one: the kernel has refused to segment them.
    var segmentLimit = Int.max

    init(key: FlowKey, path: UDPPath, isIPv4: Bool, station: MACAddress, peer: IPv6Address) {
        self.key = key
        self.path = path
        self.isIPv4 = isIPv4
        self.station = station
        peers = PeerSet(peer)
    }

    /// Whether the guest's address is one of IPv4.
    @inline(__always)
    var isGuestIPv4: Bool { key.source.isMapped }
}

extension FlowKey {
    /// A guest's port towards one kind of peer.
    @inline(__always)
    static func udp(source: IPv6Address, sourcePort: UInt16, path: UDPPath) -> FlowKey {
        FlowKey(
            kind: .udp, source: source, destination: .any, sourcePort: sourcePort,
            destinationPort: UInt16(path.rawValue))
    }
}

/// The UDP flows of one guest, with their sockets, which are closed with it.
///
/// A flow is found by its key, or by its slot, a small number that stays the same for life. Those never answered and
/// those answered wait in a queue each, the one longest unused in front: as all of a queue live equally long without use,
/// that is the order in which they expire. Nothing here depends on how many flows there are. The sockets of forwards wait
/// in neither: they do not expire.
struct UDPFlowTable: ~Copyable {
    /// Ends of a queue; -1 when it is empty.
    private struct Queue {
        var head: Int32 = -1
        var tail: Int32 = -1
    }

    private var flows: [UDPFlow] = []
    private var freeSlots: [Int32] = []
    private var index = FlowIndex()
    private var unanswered = Queue()
    private var answered = Queue()
    private let seed: UInt64

    init(seed: UInt64 = .random(in: .min ... .max)) {
        self.seed = seed
    }

    deinit {
        for flow in flows where flow.descriptor >= 0 {
            _ = Descriptor(owning: flow.descriptor)
            SocketBudget.openCount.wrappingSubtract(1, ordering: .relaxed)
        }
    }

    var count: Int { flows.count - freeSlots.count }

    subscript(slot: Int) -> UDPFlow {
        @inline(__always) _read { yield flows[slot] }
        @inline(__always) _modify { yield &flows[slot] }
    }

    @inline(__always)
    func slot(of key: FlowKey) -> Int? {
        index.slot(UInt32(truncatingIfNeeded: key.hash(seed: seed))) { flows[$0].key == key }
    }

    /// The token by which epoll names the flow in `slot`.
    func token(of slot: Int) -> UInt64 { UInt64(flows[slot].generation) << 32 | UInt64(slot) }

    /// The slot that a token was given for, if its flow is still the same.
    func slot(ofToken token: UInt64) -> Int? {
        let slot = Int(token & 0xffff_ffff)
        guard slot < flows.count, flows[slot].descriptor >= 0, flows[slot].generation == UInt32(token >> 32) else {
            return nil
        }
        return slot
    }

    /// Adds a flow whose key is not there, with the socket that is now its own.
    mutating func insert(_ flow: UDPFlow, _ socket: consuming Descriptor, now: Int64) -> Int {
        let slot: Int
        var flow = flow
        flow.descriptor = socket.release()
        flow.lastUsed = now
        if let free = freeSlots.popLast() {
            slot = Int(free)
            flow.generation = flows[slot].generation &+ 1
            flows[slot] = flow
        } else {
            slot = flows.count
            flows.append(flow)
        }
        index.insert(UInt32(truncatingIfNeeded: flow.key.hash(seed: seed)), slot: slot)
        append(slot)
        SocketBudget.openCount.wrappingAdd(1, ordering: .relaxed)
        return slot
    }

    /// Forgets a flow, and hands out its socket.
    mutating func remove(_ slot: Int) -> Descriptor {
        unlink(slot)
        index.remove(UInt32(truncatingIfNeeded: flows[slot].key.hash(seed: seed)), slot: slot)
        let socket = Descriptor(owning: flows[slot].descriptor)
        flows[slot].descriptor = -1
        // Only what may have grown is given back.
        flows[slot].peers = PeerSet(.any)
        freeSlots.append(Int32(slot))
        SocketBudget.openCount.wrappingSubtract(1, ordering: .relaxed)
        return socket
    }

    /// Notes a datagram, which moves the flow to the end of its queue.
    @inline(__always)
    mutating func use(_ slot: Int, now: Int64, isAnswer: Bool) {
        if flows[slot].lastUsed != now || isAnswer && !flows[slot].isAnswered {
            requeue(slot, now: now, isAnswer: isAnswer)
        }
    }

    /// The flow that expires next of those that nobody has answered.
    var oldestUnanswered: Int? { unanswered.head < 0 ? nil : Int(unanswered.head) }

    /// A flow whose time is over.
    func expired(now: Int64) -> Int? {
        for queue in [unanswered, answered] where queue.head >= 0 && expiry(of: queue.head) <= now {
            return Int(queue.head)
        }
        return nil
    }

    /// When the next flow expires.
    var deadline: Int64? {
        let first = unanswered.head < 0 ? Int64.max : expiry(of: unanswered.head)
        let second = answered.head < 0 ? Int64.max : expiry(of: answered.head)
        let deadline = min(first, second)
        return deadline == .max ? nil : deadline
    }

    private func expiry(of slot: Int32) -> Int64 {
        let flow = flows[Int(slot)]
        let seconds = flow.isAnswered ? UDPFlow.answeredSeconds : UDPFlow.unansweredSeconds
        return flow.lastUsed + seconds * 1_000_000_000
    }

    @inline(never)
    private mutating func requeue(_ slot: Int, now: Int64, isAnswer: Bool) {
        unlink(slot)
        flows[slot].lastUsed = now
        if isAnswer { flows[slot].isAnswered = true }
        append(slot)
    }

    private mutating func append(_ slot: Int) {
        guard flows[slot].path != .forward else { return }
        let isAnswered = flows[slot].isAnswered
        let tail = isAnswered ? answered.tail : unanswered.tail
        flows[slot].previous = tail
        flows[slot].next = -1
        if tail >= 0 { flows[Int(tail)].next = Int32(slot) }
        edit(isAnswered) { queue in
            if tail < 0 { queue.head = Int32(slot) }
            queue.tail = Int32(slot)
        }
    }

    private mutating func unlink(_ slot: Int) {
        guard flows[slot].path != .forward else { return }
        let (previous, next) = (flows[slot].previous, flows[slot].next)
        if previous >= 0 { flows[Int(previous)].next = next }
        if next >= 0 { flows[Int(next)].previous = previous }
        edit(flows[slot].isAnswered) { queue in
            if previous < 0 { queue.head = next }
            if next < 0 { queue.tail = previous }
        }
    }

    private mutating func edit(_ isAnswered: Bool, _ change: (inout Queue) -> Void) {
        if isAnswered { change(&answered) } else { change(&unanswered) }
    }
}
