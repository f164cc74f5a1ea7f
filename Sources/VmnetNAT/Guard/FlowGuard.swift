import VmnetSwitch
import VmnetWire

/// The second guard in front of the engines: limits on the guest's flows, and the state of its connections.
struct FlowGuard: ~Copyable {
    enum Admission: Equatable {
        /// A packet of a known flow, whose socket has this slot.
        case pass(slot: Int)
        /// The same, with another window.
        case resume(slot: Int)
        /// The first packet of a new flow, for which libslirp will make this socket.
        case open(OpeningFlow)
        case ignore
        /// libslirp must be asked where the connection in this slot stands, and the packet admitted again.
        case ahead(slot: Int)
        /// The connection in this slot must be reset, and the packet admitted again.
        case reopened(slot: Int)
        /// A segment of no connection.
        case unknown
        case drop(DropReason)
    }

    var sockets = SocketTable()
    /// Slots of connections that are over, until the end of the batch.
    var over: [Int32] = []
    private let limits: FlowLimits
    /// libslirp is 4.8 or later, and finds the end of its reassembly queue.
    private let isLenient: Bool
    private var newFlows: TokenBucket
    private var refusals: TokenBucket

    init(limits: FlowLimits, isLenient: Bool) {
        self.limits = limits
        self.isLenient = isLenient
        newFlows = TokenBucket(perSecond: limits.newFlowsPerSecond, burst: limits.burst)
        refusals = TokenBucket(perSecond: limits.refusalsPerSecond, burst: limits.refusalsPerSecond)
    }

    /// Whether a refused packet may be answered: the guest pays for its own answers, but not without end.
    mutating func mayRefuse(now: NATTime) -> Bool { refusals.take(now: now.nanoseconds) }

    /// Whether the guest may open a flow now, which then counts.
    mutating func mayOpen(now: NATTime) -> Bool { newFlows.take(now: now.nanoseconds) }

    mutating func admit(_ flow: GuestFlow, now: NATTime, budget: SocketBudget) -> Admission {
        guard let key = flow.key, let slot = sockets.slot(of: key) else {
            return admitNew(flow, now: now, budget: budget)
        }
        guard case .tcp(let segment) = flow.content else { return .pass(slot: slot) }
        sockets[slot].tcp.lastSeen = now.seconds
        let isReading = sockets[slot].requested.contains(.readable)
        switch sockets[slot].tcp.judge(segment, trap: trap(for: flow.source), isReading: isReading) {
        case .pass: return .pass(slot: slot)
        case .resume: return .resume(slot: slot)
        case .ignore: return .ignore
        case .ahead: return .ahead(slot: slot)
        case .reopened: return .reopened(slot: slot)
        case .drop: return .drop(.outOfOrder)
        }
    }

    /// Seconds of the guest's silence after which a connection is given up that one side has closed (RFC 5382, 5).
    static let closingSeconds: UInt32 = 240
    /// The same for a connection that is open: the guest may have been restarted. As long as pf waits, on macOS.
    static let openSeconds: UInt32 = 86400

    /// Whether the socket in `slot` is that of a connection that the guest seems to know nothing of any more.
    func isForgotten(_ slot: Int, now: NATTime) -> Bool {
        guard sockets[slot].kind == .tcp else { return false }
        let limit = sockets[slot].tcp.isClosing ? Self.closingSeconds : Self.openSeconds
        return now.seconds &- sockets[slot].tcp.lastSeen >= limit
    }

    /// Whether there may be one more flow.
    func hasRoom(for kind: FlowKind, _ budget: SocketBudget) -> Bool {
        sockets.count(of: kind) < limits.maximum(of: kind) && budget.hasRoom(holding: sockets.flowCount)
    }

    private mutating func admitNew(_ flow: GuestFlow, now: NATTime, budget: SocketBudget) -> Admission {
        var opening = OpeningFlow(kind: flow.kind, key: flow.key)
        if case .tcp(let segment) = flow.content {
            guard segment.flags.isDisjoint(with: [.ack, .rst, .fin]), segment.flags.contains(.syn) else {
                return .unknown
            }
            opening.tcp = TCPFlow(opening: segment)
            opening.tcp.lastSeen = now.seconds
        }
        guard hasRoom(for: flow.kind, budget) else { return .drop(.flowLimit) }
        guard mayOpen(now: now) else { return .drop(.flowRate) }
        return .open(opening)
    }

    /// Whether it is that number for a connection of the guest's.
    func isTrap(_ sequence: UInt32, for source: IPv6Address) -> Bool { trap(for: source) == sequence }

    /// The sequence number at which libslirp before 4.8 walks off the end of its reassembly queue.
    ///
    /// It takes the control block for one more queued segment, whose sequence number is then a part of the addresses in
    /// its header template: the fifth to eighth byte of the guest's IPv6 address as they lie in memory, and zero for
    /// IPv4. If that is the next number it expects, it follows the pointers of that segment. It goes through the queue
    /// even for data in order, once it has sent FIN.
    private func trap(for source: IPv6Address) -> UInt32? {
        if isLenient { return nil }
        return source.high == 0 ? 0 : UInt32(truncatingIfNeeded: source.high).bigEndian
    }
}

/// A flow whose socket libslirp is about to make.
struct OpeningFlow: Equatable {
    let kind: FlowKind
    let key: FlowKey?
    var tcp = TCPFlow()
}
