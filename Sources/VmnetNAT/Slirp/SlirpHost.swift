import Glibc
import Synchronization
import VmnetSwitch
import VmnetSystem
import VmnetWire

/// The host as one instance of libslirp sees it: what it calls back for time, sockets, timers, readiness, and to send to
/// the guest.
///
/// libslirp calls back from inside `slirp_input`, `slirp_pollfds_fill` and `slirp_pollfds_poll`, so no access to `state`
/// or to the context may be open around a call to libslirp.
final class SlirpHost {
    /// What is this instance's alone.
    struct State {
        fileprivate var pollSet: PollSet
        /// The guest's last address pair of each family that libslirp was told of.
        fileprivate var announced: (station: MACAddress, address: IPv6Address)?
        fileprivate var announced6: (station: MACAddress, address: IPv6Address)?
        /// The flow whose first packet libslirp is handling.
        var opening: OpeningFlow?
        /// A client whose connection libslirp is to accept.
        var client: ForwardedClient?
        /// libslirp's listener while it accepts.
        var door: Int32?
        /// The slot of a connection that libslirp has accepted and not yet sent a segment on.
        var accepted: Int?
        /// When libslirp wants to send its next router advertisement.
        var advertisement: NATTime?
        /// When libslirp gives up packets that wait for the guest's answer to an address request.
        var resolution: NATTime?
        /// When a frame last passed, either way.
        var lastFrame: NATTime
    }

    var state: State
    let context: GuestContext
    /// Among the guest's instances. The first one speaks for all: it alone sends router advertisements.
    let number: Int
    /// Carries the data of connections once libslirp has opened them.
    let relay: TCPRelay
    private let gatewayMAC: MACAddress
    let configuration: NATConfiguration
    /// Copies of libslirp's frames that must be changed; taken out while in use.
    private var editor = FrameEditor()

    init(_ configuration: NATConfiguration, context: GuestContext, relay: TCPRelay, number: Int) {
        self.context = context
        self.relay = relay
        self.number = number
        state = State(pollSet: PollSet(shard: Int32(number)), lastFrame: context.now)
        gatewayMAC = context.gatewayMAC
        self.configuration = configuration
    }

    var isFirst: Bool { number == 0 }

    // MARK: Time

    /// libslirp wants to be called at this moment, in milliseconds of its clock, to send a router advertisement.
    func scheduleAdvertisement(milliseconds: Int64) {
        guard isFirst else { return }
        state.advertisement = NATTime(nanoseconds: 0).adding(milliseconds: milliseconds)
    }

    // MARK: Sockets

    /// libslirp has made a socket, or failed to (-1).
    func register(_ descriptor: Int32) {
        guard descriptor >= 0 else {
            context.counters.failedSockets += 1
            return
        }
        let opening = state.opening
        switch opening?.kind {
        case .udp, .icmp: setNonBlocking(descriptor)
        // Made non-blocking and close-on-exec by libslirp, and not yet connected.
        case .tcp: if endsHere(opening?.key) { tune(descriptor) }
        case nil: takePlace(of: descriptor)
        }
        SocketBudget.openCount.wrappingAdd(1, ordering: .relaxed)
        context.counters.openedFlows += 1
        if let opening {
            context.flows.sockets.insert(
                descriptor: descriptor, kind: opening.kind, key: opening.key, tcp: opening.tcp, shard: number)
            state.opening = nil
        } else {
            var tcp = TCPFlow.forwarded
            tcp.lastSeen = context.now.seconds
            state.accepted = context.flows.sockets.insert(
                descriptor: descriptor, kind: .tcp, tcp: tcp, shard: number, forward: state.client?.forward)
        }
    }

    /// Sets what is right for connections within this host only.
    private func tune(_ descriptor: Int32) {
        InternetSocket.setUnpaced(descriptor)
        if configuration.narrowsHostWindow { InternetSocket.narrowWindow(descriptor) }
    }

    /// Whether a connection of the guest's is one to a service of this host.
    private func endsHere(_ key: FlowKey?) -> Bool {
        guard let key else { return false }
        let policy = configuration.policy
        let destination =
            key.isIPv4 ? policy.destination(key.destination.mapped) : policy.destination(key.destination)
        return destination == .gateway
    }

    /// Puts the client in the place of its stand-in, which libslirp has just accepted and not yet looked at.
    private func takePlace(of descriptor: Int32) {
        if let client = state.client, dup2(client.descriptor, descriptor) == descriptor {
            state.client?.isAccepted = true
        }
        // Of a copy, as of what is accepted, it is not set.
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }

    /// By which libslirp asks for the door.
    static let doorIndex: Int32 = 0

    /// Sees which of the descriptors that libslirp names is the door: every other one is registered.
    func findDoor(_ descriptor: Int32) -> Int32 {
        guard context.flows.sockets.slot(ofDescriptor: descriptor) == nil else { return -1 }
        state.door = descriptor
        return Self.doorIndex
    }

    private func setNonBlocking(_ descriptor: Int32) {
        let flags = fcntl(descriptor, F_GETFL)
        if flags >= 0 { _ = fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) }
    }

    /// libslirp is about to close a socket.
    func unregister(_ descriptor: Int32) {
        if let slot = context.flows.sockets.slot(ofDescriptor: descriptor) { relay.remove(slot) }
        guard let socket = context.flows.sockets.remove(descriptor: descriptor) else { return }
        // Closing does it too, unless a program that is being started has a copy at this moment.
        if !socket.armed.isEmpty { try? context.epoll.remove(descriptor) }
        if socket.kind != nil { SocketBudget.openCount.wrappingSubtract(1, ordering: .relaxed) }
    }

    // MARK: Readiness

    /// libslirp waits for a socket. Returns the index by which `readiness` is asked.
    func want(_ interest: SocketTable.Interest, of descriptor: Int32) -> Int32 {
        // libslirp registers every socket but listeners, which it has for the time of one call only.
        guard let slot = context.flows.sockets.slot(ofDescriptor: descriptor) else { return -1 }
        return state.pollSet.want(interest, slot: slot, in: &context.flows.sockets)
    }

    /// What has happened to a socket, of what libslirp waits for now.
    ///
    /// Not more: a batch may have several polls, with frames in between, and a later one finds sockets ready for what
    /// libslirp wanted before the first. It believes what it is told. Of a socket that it has seen connect, and has nothing
    /// to write to, `sowrite` would write nothing and take that for the connection's end; `soread` asserts that it has
    /// room.
    func readiness(at index: Int32) -> SocketTable.Interest {
        guard index >= 0, Int(index) < context.flows.sockets.slotCount else { return [] }
        return context.flows.sockets[Int(index)].reported
    }

    func beginFill() {
        state.pollSet.beginFill()
    }

    func endFill() {
        state.pollSet.endFill(&context.flows.sockets, context.epoll)
    }

    // MARK: Frames

    /// Hands a frame of libslirp's to the guest.
    func send(_ frame: Span<UInt8>) {
        guard let ethernet = try? EthernetHeader(parsing: frame) else { return }
        state.lastFrame = context.now
        switch ethernet.type {
        case .ipv4: sendIPv4(frame)
        case .ipv6: sendIPv6(frame)
        default:
            // An address request of libslirp's own; it holds packets back for a second.
            if ethernet.destination == .broadcast { state.resolution = context.now.adding(milliseconds: 1000) }
            context.deliver(frame, .ordinary)
        }
    }

    private func sendIPv4(_ frame: Span<UInt8>) {
        let transport = EthernetHeader.byteCount + IPv4Header.byteCount
        guard frame.count >= transport else { return }
        let proto = IPProtocol(rawValue: frame[23])
        let source = IPv4Address(bits: frame.be32(at: 26))
        if proto == .tcp, frame.count >= transport + TCPHeader.byteCount {
            sendSegment(
                frame, at: transport, guest: IPv6Address(mapping: IPv4Address(bits: frame.be32(at: 30))),
                peer: IPv6Address(mapping: source), isFromResolver: source == configuration.resolverAlias)
        } else if source == configuration.resolverAlias {
            deliver(frame, .ordinary) { $0.setSource(configuration.gatewayAddress) }
        } else if proto == .icmp, quotesResolver(frame, at: transport) {
            deliver(frame, .ordinary) { $0.setQuotedDestination(configuration.gatewayAddress) }
        } else {
            context.deliver(frame, .ordinary)
        }
    }

    /// Whether an ICMP error is about a packet to the resolver.
    private func quotesResolver(_ frame: Span<UInt8>, at transport: Int) -> Bool {
        let quoted = transport + ICMPHeader.byteCount
        guard frame.count >= quoted + IPv4Header.byteCount else { return false }
        let isError =
            frame[transport] == ICMPHeader.V4.destinationUnreachable
            || frame[transport] == ICMPHeader.V4.timeExceeded
        return isError && frame.be32(at: quoted + 16) == configuration.resolverAlias.bits
    }

    private func sendIPv6(_ frame: Span<UInt8>) {
        let transport = EthernetHeader.byteCount + IPv6Header.byteCount
        guard frame.count >= transport + ICMPHeader.byteCount else { return }
        switch IPProtocol(rawValue: frame[20]) {
        case .tcp where frame.count >= transport + TCPHeader.byteCount:
            sendSegment(
                frame, at: transport, guest: IPv6Address(high: frame.be64(at: 38), low: frame.be64(at: 46)),
                peer: IPv6Address(high: frame.be64(at: 22), low: frame.be64(at: 30)), isFromResolver: false)
        case .icmpv6:
            sendNeighborDiscovery(frame, at: transport)
        default: context.deliver(frame, .ordinary)
        }
    }

    /// libslirp has a station address for each IPv6 address of its own; to the guest there is one gateway.
    private func sendNeighborDiscovery(_ frame: Span<UInt8>, at transport: Int) {
        let fixed: Int
        switch frame[transport] {
        case ICMPHeader.V6.routerAdvertisement:
            // libslirp cannot be kept from making them.
            guard configuration.advertisesRouter else { return }
            fixed = 16
        case ICMPHeader.V6.neighborSolicitation:
            fixed = 24
            state.resolution = context.now.adding(milliseconds: 1000)
        case ICMPHeader.V6.neighborAdvertisement: fixed = 24
        default: return context.deliver(frame, .ordinary)
        }
        deliver(frame, .ordinary) { editor in
            editor.setLinkSource(gatewayMAC)
            editor.setLinkLayerAddress(gatewayMAC, optionsOffset: transport + fixed)
        }
    }

    func deliver(
        _ frame: Span<UInt8>, _ urgency: FrameUrgency, offload: OffloadDescriptor = .none,
        changedBy change: (inout FrameEditor) -> Void
    ) {
        var edited = FrameEditor()
        swap(&edited, &editor)
        defer { swap(&edited, &editor) }
        edited.load(frame)
        change(&edited)
        context.deliver(edited.bytes.span, urgency, offload: offload)
    }
}

extension SlirpHost.State {
    /// Where the guest's IPv4 address is, as libslirp was last told.
    var station: MACAddress? { announced?.station }

    /// Whether libslirp must be told first that a packet's source is at this station; it is taken as told then.
    ///
    /// Otherwise it asks, and its answers wait. Over IPv6 the first instance is left to ask.
    mutating func mustAnnounce(_ address: IPv6Address, at station: MACAddress, isFirst: Bool) -> Bool {
        if address.high == 0 {
            guard announced?.address != address || announced?.station != station else { return false }
            announced = (station, address)
            return true
        }
        guard !isFirst, announced6?.address != address || announced6?.station != station else { return false }
        announced6 = (station, address)
        return true
    }
}
