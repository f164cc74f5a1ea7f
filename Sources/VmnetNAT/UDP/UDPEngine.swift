import VmnetSwitch
import VmnetSystem
import VmnetWire

/// The NAT for one guest's UDP: datagrams of the guest to sockets of the host, and back.
///
/// Every port of the guest has one socket for each kind of peer, whatever the number of its peers, so that all of them
/// see it at one address (RFC 4787, 4.1), and an answer carries the address that it came from. The guest's datagrams are
/// staged, and leave at the end of the batch; those for one peer as one message, when they are of one size. Many in one
/// frame leave at once.
///
/// Policy has been applied to what comes in: see `GuestFilter`. Nothing here blocks, and no call costs more because
/// flows are idle.
struct UDPEngine: ~Copyable {
    typealias Output = (Span<UInt8>, OffloadDescriptor, FrameUrgency) -> DropReason?

    /// Room to send and to receive: some bursts in each direction.
    private static let socketBufferByteCount = 1 << 20
    /// Datagrams that one super-frame of the guest may hold; Linux makes no more.
    private static let maximumSegmentCount = 128
    /// A super-frame with so much payload leaves at once: to stage it would save no call that is worth the copy.
    private static let leastAtOnce = 16 << 10

    var flows = UDPFlowTable()
    var resolver: HostResolver
    let addresses: UDPAddresses
    /// Those whom forwards have let in.
    var peers: ForwardedPeers
    /// Slots of the sockets of forwards.
    var forwards: [ForwardID: Int] = [:]
    let gatewayMAC: MACAddress
    /// The largest IP packet for the guest.
    let mtu: Int
    let buffers: UDPBuffers
    let output: Output
    let epoll: Epoll
    var counters = UDPCounters()
    var errorLimit: TokenBucket
    private let limits: FlowLimits
    private let budget: SocketBudget
    var now = NATTime(nanoseconds: 0)
    /// The next datagram's that must be fragmented.
    var fragmentIdentification = UInt16.random(in: 0 ... .max)
    /// Sockets have something for the guest, whose port has no room for it.
    private(set) var isPaused = false
    var events = Epoll.EventList(capacity: 64)

    /// What the guest has sent in this batch.
    var staging = DatagramStaging()
    /// Slots of flows with something staged.
    var staged: [Int32] = []
    /// Where in the staging the messages of one call begin.
    var positions: [StagedPosition] = []
    /// Which of them hold several datagrams.
    var isSegmented: [Bool] = []

    /// - Parameters:
    ///   - output: takes a frame for the guest, lent for the call, or says why not. It may have segmentation, and a
    ///     checksum to be completed.
    init(
        _ configuration: NATConfiguration, gatewayMAC: MACAddress, buffers: UDPBuffers, budget: SocketBudget,
        resolver: HostResolver = HostResolver(), output: @escaping Output
    ) throws(SystemError) {
        epoll = try Epoll()
        addresses = UDPAddresses(configuration)
        peers = ForwardedPeers(configuration)
        mtu = max(configuration.mtu, NATConfiguration.minimumMTU)
        limits = configuration.limits
        errorLimit = TokenBucket(perSecond: limits.refusalsPerSecond, burst: limits.refusalsPerSecond)
        self.gatewayMAC = gatewayMAC
        self.buffers = buffers
        self.budget = budget
        self.resolver = resolver
        self.output = output
    }

    /// Readable when `poll` has something to do. While `isPaused` it may be readable all the time.
    var descriptor: Int32 { epoll.descriptor }

    /// When `poll` must be called although nothing is readable; nil when there is no flow.
    var deadline: NATTime? { flows.deadline.map { NATTime(nanoseconds: $0) } }

    // MARK: Datagrams of the guest

    /// Takes a datagram of the guest, which leaves with the next `flush` at the latest.
    ///
    /// - Parameters:
    ///   - frame: lent for the call; the filter has said that `flow` is what it holds.
    ///   - offload: a super-frame's segment size; a partial checksum is not looked at, because the host makes its own.
    ///   - mayOpen: asked when the flow is a new one.
    mutating func input(
        _ frame: Span<UInt8>, _ flow: GuestFlow, _ offload: OffloadDescriptor, now: NATTime, mayOpen: () -> Bool
    ) -> DropReason? {
        self.now = now
        let packet = frame.extracting(flow.transportOffset..<flow.byteCount)
        guard let header = try? UDPHeader(parsing: packet) else { return .malformed }
        let datagram = packet.extracting(first: Int(header.length))
        guard offload.needsChecksum || Self.isIntact(datagram, header, flow, in: frame) else { return .malformed }
        let payload = datagram.extracting(droppingFirst: UDPHeader.byteCount)
        var segmentByteCount: UInt16 = 0
        if offload.segmentation == .udp, payload.count > Int(offload.segmentSize) {
            segmentByteCount = offload.segmentSize
            guard payload.count <= Int(segmentByteCount) * Self.maximumSegmentCount else { return .malformed }
        }
        if !staging.hasRoom(for: payload.count) { flush() }
        if !peers.isEmpty, let answer = answered(by: flow) {
            let (_, typeOfService) = Self.options(frame, flow, .forward)
            stage(payload, answer.slot, answer.peer, segmentByteCount, 0, typeOfService)
            return nil
        }
        let path = addresses.path(of: flow)
        let peer = host(of: flow, path)
        let station = MACAddress(bits: frame.be48(at: 6))
        let slot: Int
        switch place(flow, path, peer, station, mayOpen) {
        case .known(let known): slot = known
        case .refused(let reason): return reason
        }
        let (hopLimit, typeOfService) = Self.options(frame, flow, path)
        if segmentByteCount > 0, payload.count >= Self.leastAtOnce {
            sendAtOnce(payload, slot, peer, segmentByteCount, hopLimit, typeOfService)
        } else {
            stage(payload, slot, peer, segmentByteCount, hopLimit, typeOfService)
        }
        return nil
    }

    /// Whether the datagram has the checksum it should have. Over IPv4 there may be none; over IPv6 there must be one
    /// (RFC 8200, 8.1).
    private static func isIntact(
        _ datagram: Span<UInt8>, _ header: UDPHeader, _ flow: GuestFlow, in frame: Span<UInt8>
    ) -> Bool {
        header.checksum == 0 ? flow.source.isMapped : flow.isIntact(datagram, .udp, in: frame)
    }

    /// Where a packet goes on the host.
    @inline(__always)
    private mutating func host(of flow: GuestFlow, _ path: UDPPath) -> InternetEndpoint {
        switch path {
        case .outside: InternetEndpoint(flow.destination, flow.destinationPort)
        case .gateway: InternetEndpoint(.loopback(isIPv4: flow.source.isMapped), flow.destinationPort)
        case .resolver:
            InternetEndpoint(resolver.address(isIPv4: flow.source.isMapped, now: now), UDPPath.resolverPort)
        case .forward: preconditionFailure("what the guest begins is for no forward")
        }
    }

    /// Hop limit and type of service with which a packet of the guest goes on.
    ///
    /// A hop limit below what any system begins with is meant (traceroute), and goes on one lower; another becomes the
    /// host's own, as the packet is the host's to the network.
    @inline(__always)
    private static func options(_ frame: Span<UInt8>, _ flow: GuestFlow, _ path: UDPPath) -> (UInt8, UInt8) {
        let start = EthernetHeader.byteCount
        let isIPv4 = flow.source.isMapped
        let hopLimit = frame[start + (isIPv4 ? 8 : 7)]
        let typeOfService = isIPv4 ? frame[start + 1] : UInt8(truncatingIfNeeded: frame.be16(at: start) >> 4)
        return (path == .outside && hopLimit < 64 ? max(1, hopLimit &- 1) : 0, typeOfService)
    }

    // MARK: Flows

    private enum Place {
        case known(Int)
        case refused(DropReason)
    }

    @inline(__always)
    private mutating func place(
        _ flow: GuestFlow, _ path: UDPPath, _ peer: InternetEndpoint, _ station: MACAddress, _ mayOpen: () -> Bool
    ) -> Place {
        let key = FlowKey.udp(source: flow.source, sourcePort: flow.sourcePort, path: path)
        if let slot = flows.slot(of: key), flows[slot].isIPv4 == peer.isIPv4 {
            flows.use(slot, now: now.nanoseconds, isAnswer: false)
            flows[slot].station = station
            flows[slot].peers.insert(path.identity(of: peer))
            return .known(slot)
        }
        return flow.mayOpen ? open(key, path, peer, station, mayOpen) : .refused(.prohibited)
    }

    @inline(never)
    private mutating func open(
        _ key: FlowKey, _ path: UDPPath, _ peer: InternetEndpoint, _ station: MACAddress, _ mayOpen: () -> Bool
    ) -> Place {
        // The host's resolver is now of the other family.
        if let stale = flows.slot(of: key) { close(stale) }
        if flows.count >= limits.maximumUDP || !budget.hasRoom(holding: flows.count) {
            guard let oldest = flows.oldestUnanswered else { return .refused(.flowLimit) }
            counters.evicted += 1
            close(oldest)
            // Others may have taken what there was.
            guard budget.hasRoom(holding: flows.count) else { return .refused(.flowLimit) }
        }
        guard mayOpen() else { return .refused(.flowRate) }
        let slot: Int
        do throws(SystemError) {
            let socket = try DatagramSocket.open(
                isIPv4: peer.isIPv4, isLocal: path == .gateway, bufferByteCount: Self.socketBufferByteCount)
            slot = flows.insert(
                UDPFlow(key: key, path: path, isIPv4: peer.isIPv4, station: station, peer: path.identity(of: peer)),
                socket,
                now: now.nanoseconds)
        } catch {
            counters.failedSockets += 1
            return .refused(.flowLimit)
        }
        do throws(SystemError) {
            try epoll.add(flows[slot].descriptor, .readable, token: flows.token(of: slot))
        } catch {
            counters.failedSockets += 1
            close(slot)
            return .refused(.flowLimit)
        }
        counters.opened += 1
        return .known(slot)
    }

    /// Ends a flow. What is staged for it leaves first.
    mutating func close(_ slot: Int) {
        if flows[slot].firstStaged >= 0 { flush() }
        let socket = flows.remove(slot)
        // Closing does it too, unless a program that is being started has a copy at this moment.
        try? epoll.remove(socket.raw)
    }

    // MARK: Time

    /// Receives what has come for the guest, and forgets flows whose time is over.
    ///
    /// - Parameter room: bytes of ordinary frames that the guest's port can still hold. What there is no room for stays
    ///   in the host's sockets.
    mutating func poll(now: NATTime, room: Int) {
        self.now = now
        while let slot = flows.expired(now: now.nanoseconds) { close(slot) }
        isPaused = room < Self.leastRoom
        guard !isPaused else { return }
        // The set is ours and open: looking at it without sleeping cannot fail.
        try? epoll.wait(into: &events, timeout: .zero)
        var room = room
        for index in 0..<events.count {
            let event = events[index]
            guard let slot = flows.slot(ofToken: event.token) else { continue }
            if event.events.intersects(.error) { passErrors(slot) }
            guard event.events.intersects(.readable) else { continue }
            guard room >= Self.leastRoom else {
                isPaused = true
                return
            }
            receive(slot, room: &room)
        }
    }

    /// Bytes that one message may bring at once: with less room at the port none is read.
    static let leastRoom = 64 << 10
}
