import Glibc
import Synchronization
import VmnetSwitch
import VmnetSystem
import VmnetWire

/// The host as libslirp sees it: what it calls back for time, sockets, timers, readiness, and to send to the guest.
///
/// All mutable state of a NAT is in `state`. libslirp calls back from inside `slirp_input`, `slirp_pollfds_fill` and
/// `slirp_pollfds_poll`, so no access to `state` may be open around a call to libslirp.
final class SlirpHost {
    struct State {
        var flows: FlowGuard
        var pollSet = PollSet()
        var now: NATTime
        /// The guest's last address pair that libslirp was told of.
        fileprivate var announced: (station: MACAddress, address: IPv6Address)?
        /// The flow whose first packet libslirp is handling.
        var opening: OpeningFlow?
        /// The slot of a connection that libslirp has accepted for a forwarded port and not yet sent a segment on.
        var accepted: Int?
        /// When libslirp wants to send its next router advertisement.
        var advertisement: NATTime?
        /// When libslirp gives up packets that wait for the guest's answer to an address request.
        var resolution: NATTime?
        var counters = SlirpCounters()
    }

    typealias Output = (Span<UInt8>, OffloadDescriptor, FrameUrgency) -> DropReason?

    var state: State
    let epoll: Epoll
    private let gatewayMAC: MACAddress
    private let gateway: IPv4Address
    private let resolverAlias: IPv4Address
    private let output: Output
    /// Copies of libslirp's frames that must be changed; taken out while in use.
    private var editor = FrameEditor()

    init(
        _ configuration: SlirpConfiguration, gatewayMAC: MACAddress, isLenient: Bool, now: NATTime,
        output: @escaping Output
    ) throws(SystemError) {
        epoll = try Epoll()
        state = State(flows: FlowGuard(limits: configuration.limits, isLenient: isLenient), now: now)
        self.gatewayMAC = gatewayMAC
        gateway = configuration.gatewayAddress
        resolverAlias = configuration.resolverAlias
        self.output = output
    }

    // MARK: Sockets

    /// Room in a UDP socket for what the host's interface does not take at once: where libslirp's send would have
    /// blocked, or have told the guest of an unreachable network.
    private static let datagramSendBuffer: Int32 = 1 << 20

    /// libslirp has made a socket, or failed to (-1).
    func register(_ descriptor: Int32) {
        guard descriptor >= 0 else {
            state.counters.failedSockets += 1
            return
        }
        let opening = state.opening
        switch opening?.kind {
        case .udp, .icmp: setUpDatagramSocket(descriptor)
        // Made non-blocking and close-on-exec by libslirp.
        case .tcp: break
        // Accepted: close-on-exec is not inherited from the listener.
        case nil: _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        }
        SocketBudget.openCount.wrappingAdd(1, ordering: .relaxed)
        state.counters.openedFlows += 1
        if let opening {
            state.flows.sockets.insert(
                descriptor: descriptor, kind: opening.kind, key: opening.key, tcp: opening.tcp)
            state.opening = nil
        } else {
            var tcp = TCPFlow.forwarded
            tcp.lastSeen = state.now.seconds
            state.accepted = state.flows.sockets.insert(descriptor: descriptor, kind: .tcp, tcp: tcp)
        }
    }

    private func setUpDatagramSocket(_ descriptor: Int32) {
        let flags = fcntl(descriptor, F_GETFL)
        if flags >= 0 { _ = fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) }
        var size = Self.datagramSendBuffer
        // Safety: the kernel reads one integer during the call.
        _ = unsafe setsockopt(
            descriptor, SOL_SOCKET, SO_SNDBUF, &size, socklen_t(MemoryLayout<Int32>.size))
    }

    /// libslirp is about to close a socket.
    func unregister(_ descriptor: Int32) {
        guard let socket = state.flows.sockets.remove(descriptor: descriptor) else { return }
        // Closing does it too, unless a program that is being started has a copy at this moment.
        if !socket.armed.isEmpty { try? epoll.remove(descriptor) }
        if socket.kind != nil { SocketBudget.openCount.wrappingSubtract(1, ordering: .relaxed) }
    }

    // MARK: Readiness

    /// libslirp waits for a socket. Returns the index by which `readiness` is asked.
    func want(_ interest: SocketTable.Interest, of descriptor: Int32) -> Int32 {
        state.want(interest, of: descriptor)
    }

    func readiness(at index: Int32) -> SocketTable.Interest {
        guard index >= 0, Int(index) < state.flows.sockets.slotCount else { return [] }
        return state.flows.sockets[Int(index)].ready
    }

    // MARK: Frames

    /// Hands a frame of libslirp's to the guest.
    func send(_ frame: Span<UInt8>) {
        guard let ethernet = try? EthernetHeader(parsing: frame) else { return }
        switch ethernet.type {
        case .ipv4: sendIPv4(frame)
        case .ipv6: sendIPv6(frame)
        default:
            // An address request of libslirp's own; it holds packets back for a second.
            if ethernet.destination == .broadcast { state.resolution = state.now.adding(milliseconds: 1000) }
            deliver(frame, .ordinary)
        }
    }

    private func sendIPv4(_ frame: Span<UInt8>) {
        let transport = EthernetHeader.byteCount + IPv4Header.byteCount
        guard frame.count >= transport else { return }
        let proto = IPProtocol(rawValue: frame[23])
        let source = IPv4Address(bits: frame.be32(at: 26))
        if proto == .tcp, frame.count >= transport + TCPHeader.byteCount {
            noteSegment(
                frame, at: transport, guest: IPv6Address(mapping: IPv4Address(bits: frame.be32(at: 30))),
                peer: IPv6Address(mapping: source))
        }
        let urgency: FrameUrgency = proto == .tcp ? .held : .ordinary
        if source == resolverAlias {
            deliver(frame, urgency) { $0.setSource(gateway) }
        } else if proto == .icmp, quotesResolver(frame, at: transport) {
            deliver(frame, urgency) { $0.setQuotedDestination(gateway) }
        } else {
            deliver(frame, urgency)
        }
    }

    /// Whether an ICMP error is about a packet to the resolver.
    private func quotesResolver(_ frame: Span<UInt8>, at transport: Int) -> Bool {
        let quoted = transport + ICMPHeader.byteCount
        guard frame.count >= quoted + IPv4Header.byteCount else { return false }
        let isError =
            frame[transport] == ICMPHeader.V4.destinationUnreachable
            || frame[transport] == ICMPHeader.V4.timeExceeded
        return isError && frame.be32(at: quoted + 16) == resolverAlias.bits
    }

    private func sendIPv6(_ frame: Span<UInt8>) {
        let transport = EthernetHeader.byteCount + IPv6Header.byteCount
        guard frame.count >= transport + ICMPHeader.byteCount else { return }
        switch IPProtocol(rawValue: frame[20]) {
        case .tcp where frame.count >= transport + TCPHeader.byteCount:
            noteSegment(
                frame, at: transport, guest: IPv6Address(high: frame.be64(at: 38), low: frame.be64(at: 46)),
                peer: IPv6Address(high: frame.be64(at: 22), low: frame.be64(at: 30)))
            deliver(frame, .held)
        case .icmpv6:
            sendNeighborDiscovery(frame, at: transport)
        default: deliver(frame, .ordinary)
        }
    }

    /// libslirp has a station address for each IPv6 address of its own; to the guest there is one gateway.
    private func sendNeighborDiscovery(_ frame: Span<UInt8>, at transport: Int) {
        let fixed: Int
        switch frame[transport] {
        case ICMPHeader.V6.routerAdvertisement: fixed = 16
        case ICMPHeader.V6.neighborSolicitation:
            fixed = 24
            state.resolution = state.now.adding(milliseconds: 1000)
        case ICMPHeader.V6.neighborAdvertisement: fixed = 24
        default: return deliver(frame, .ordinary)
        }
        deliver(frame, .ordinary) { editor in
            editor.setLinkSource(gatewayMAC)
            editor.setLinkLayerAddress(gatewayMAC, optionsOffset: transport + fixed)
        }
    }

    /// Keeps up with what libslirp acknowledges.
    private func noteSegment(_ frame: Span<UInt8>, at transport: Int, guest: IPv6Address, peer: IPv6Address) {
        let key = FlowKey.tcp(
            source: guest, sourcePort: frame.be16(at: transport + 2), destination: peer,
            destinationPort: frame.be16(at: transport))
        let flags = TCPHeader.Flags(rawValue: frame[transport + 13])
        state.noteSegment(key, flags: flags, acknowledgement: frame.be32(at: transport + 8))
    }

    private func deliver(
        _ frame: Span<UInt8>, _ urgency: FrameUrgency, changedBy change: (inout FrameEditor) -> Void
    ) {
        var edited = FrameEditor()
        swap(&edited, &editor)
        defer { swap(&edited, &editor) }
        edited.load(frame)
        change(&edited)
        deliver(edited.bytes.span, urgency)
    }

    func deliver(_ frame: Span<UInt8>, _ urgency: FrameUrgency) {
        if output(frame, .none, urgency) != nil { state.counters.refusedByPort += 1 }
    }
}

// Each of these is one access to the state, however many parts of it take part.
extension SlirpHost.State {
    /// Decides about a packet that came from `station`.
    mutating func admit(_ flow: GuestFlow, from station: MACAddress, budget: SocketBudget) -> FlowGuard.Admission {
        if announced?.address != flow.source || announced?.station != station, flow.source.high == 0 {
            announced = (station, flow.source)
            return .unannounced
        }
        return flows.admit(flow, now: now, budget: budget)
    }

    fileprivate mutating func want(_ interest: SocketTable.Interest, of descriptor: Int32) -> Int32 {
        // libslirp does not register its listeners.
        let slot =
            flows.sockets.slot(ofDescriptor: descriptor) ?? flows.sockets.insert(descriptor: descriptor, kind: nil)
        return pollSet.want(interest, slot: slot, in: &flows.sockets)
    }

    mutating func endFill(_ epoll: borrowing Epoll) {
        pollSet.endFill(&flows.sockets, epoll)
    }

    /// Notes what is ready, as far as the guest's port has `room` for what connections bring.
    mutating func gather(_ events: borrowing Epoll.EventList, room: Int) {
        var budget = PollSet.connections(room: room)
        pollSet.release(&flows.sockets, budget: &budget)
        for index in 0..<events.count {
            pollSet.note(events[index], in: &flows.sockets, budget: &budget)
        }
    }

    mutating func endPoll() {
        pollSet.endPoll(&flows.sockets)
    }

    @inline(__always)
    fileprivate mutating func noteSegment(_ key: FlowKey, flags: TCPHeader.Flags, acknowledgement: UInt32) {
        let slot: Int
        if let known = flows.sockets.slot(of: key) {
            slot = known
        } else if let accepted, flags.contains(.syn) {
            slot = accepted
            self.accepted = nil
            flows.sockets.name(slot, key)
        } else {
            return
        }
        flows.sockets[slot].tcp.noteSent(flags: flags, acknowledgement: acknowledgement)
    }
}
