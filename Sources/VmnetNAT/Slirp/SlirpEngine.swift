import VmnetSwitch
import VmnetSystem
import VmnetWire

/// libslirp as an engine: the guest's connections, datagrams and echo requests.
///
/// libslirp walks through all its sockets whenever it does anything, so a thousand idle connections would take most of a
/// busy one's time. Therefore the guest's flows are spread over as many instances as they need: a flow lives where it was
/// opened, and only instances with something to do are called. Whatever concerns the guest as a whole is done here once,
/// or by the first instance, which always exists.
final class SlirpEngine {
    let context: GuestContext
    let relay: TCPRelay
    let configuration: NATConfiguration
    /// By number; nil: not made yet, or released.
    private(set) var shards: [SlirpShard?] = []
    private var placement = ShardPlacement()
    /// Those that were given frames since the last fill.
    var touched = ShardSet()
    var ready = ReadyQueue()
    var deadlines = DeadlineHeap()
    var early = EarlySegments()
    /// When connections and instances are looked through for what is over.
    var inspection: NATTime
    /// Copies of the guest's frames that must be changed; taken out while in use.
    private var editor = FrameEditor()

    /// nil when libslirp refuses the configuration.
    init?(_ configuration: NATConfiguration, context: GuestContext, relay: TCPRelay) {
        self.context = context
        self.relay = relay
        self.configuration = configuration
        inspection = context.now
        guard makeShard(0) != nil else { return nil }
        fill(0)
    }

    deinit {
        guard shards.count > 1 else { return }
        shards.removeAll()
        Allocator.trim()
    }

    /// Host sockets of the guest's flows.
    var flowCount: Int { context.flows.sockets.flowCount }

    // MARK: Frames of the guest

    /// Takes a packet that the filter has passed. Returns why it went no further.
    func input(_ frame: Span<UInt8>, _ flow: GuestFlow) -> DropReason? {
        let reason = admit(frame, flow)
        guard case .tcp(let segment) = flow.content, let key = flow.key else { return reason }
        if reason == .outOfOrder, segment.isQueued, let slot = slot(of: key, before: segment) {
            early.insert(frame, flow, segment)
            tellMissing(slot, segment)
            return nil
        }
        if reason == nil, !early.isEmpty, segment.payloadLength > 0 { releaseEarly(of: key, at: segment.end) }
        return reason
    }

    /// The connection on which the segment's turn is yet to come.
    private func slot(of key: FlowKey, before segment: TCPSegment) -> Int? {
        guard !segment.flags.contains(.syn), let slot = context.flows.sockets.slot(of: key),
            Int32(bitPattern: segment.sequence &- context.flows.sockets[slot].tcp.acknowledged) > 0
        else { return nil }
        return slot
    }

    /// Repeats the acknowledgement that `admit` has asked for, when the early segment was several before they were
    /// joined: it takes three repetitions to be believed (RFC 5681, 3.2).
    private func tellMissing(_ slot: Int, _ segment: TCPSegment) {
        let size = max(1, Int(context.flows.sockets[slot].tcp.segmentSize ?? 1))
        for _ in 0..<min(2, max(0, segment.payloadLength - 1) / size) { probe(slot, segment) }
    }

    /// Gives libslirp what was kept of a connection, now that everything before `sequence` has come.
    private func releaseEarly(of key: FlowKey, at sequence: UInt32) {
        var sequence = sequence
        while let next = early.take(of: key, at: sequence) {
            // Not as far as it seemed: libslirp did not take the one before.
            guard admit(next.frame.span, next.flow) == nil else { return }
            if Int32(bitPattern: next.segment.end &- sequence) > 0 { sequence = next.segment.end }
        }
    }

    private func admit(_ frame: Span<UInt8>, _ flow: GuestFlow) -> DropReason? {
        // A second look is enough: a probe and a reset have their effect before they return.
        var isSecondLook = false
        while true {
            switch context.flows.admit(flow, now: context.now, budget: context.budget) {
            case .pass(let slot):
                guard let shard = shard(of: slot) else { return .flowLimit }
                if let alias = context.flows.sockets[slot].alias {
                    deliver(frame, flow.addressed(to: alias), to: shard)
                } else {
                    deliver(frame, flow, to: shard)
                }
                return nil
            case .resume(let slot):
                guard let shard = shard(of: slot) else { return .flowLimit }
                var flow = flow
                flow.edits.insert(.window)
                if let alias = context.flows.sockets[slot].alias { flow = flow.addressed(to: alias) }
                deliver(frame, flow, to: shard)
                return nil
            case .open(let opening): return open(opening, with: frame, flow)
            case .ahead(let slot):
                guard !isSecondLook, case .tcp(let segment) = flow.content else { return .outOfOrder }
                isSecondLook = true
                probe(slot, segment)
            case .reopened(let slot):
                guard !isSecondLook else { return .outOfOrder }
                isSecondLook = true
                context.counters.resetConnections += 1
                reset(slot)
            case .unknown:
                // The error says why, but only a reset ends a connection that was open (RFC 1122, 4.2.3.9).
                if !flow.mayOpen { context.refuse(frame, .prohibited) }
                context.refuse(frame, .reset)
                return flow.mayOpen ? .unsupported : .prohibited
            case .ignore: return nil
            case .drop(let reason): return reason
            }
        }
    }

    /// Gives a message of address resolution to those that it is meant for.
    func resolve(_ frame: Span<UInt8>, _ resolution: AddressResolution) {
        let message = frame.extracting(first: resolution.byteCount)
        for case .some(let shard) in shards
        where shard.host.isFirst || resolution.isAnswer && shard.isResolving {
            touch(shard)
            shard.hasResolved = true
            shard.instance.input(message)
        }
    }

    private func open(_ opening: OpeningFlow, with frame: Span<UInt8>, _ flow: GuestFlow) -> DropReason? {
        guard let shard = shardForNewFlow() else { return .flowLimit }
        if opening.kind != .tcp { shard.updateClock() }
        shard.host.state.opening = opening
        deliver(frame, flow, to: shard)
        shard.host.state.opening = nil
        return nil
    }

    /// Gives the frame to libslirp, changed as it must be.
    private func deliver(_ frame: Span<UInt8>, _ flow: GuestFlow, to shard: SlirpShard) {
        touch(shard)
        announce(flow.source, at: MACAddress(bits: frame.be48(at: 6)), to: shard)
        guard !flow.edits.isEmpty else {
            shard.instance.input(frame.extracting(first: flow.byteCount))
            return
        }
        var edited = FrameEditor()
        swap(&edited, &editor)
        defer { swap(&edited, &editor) }
        edited.load(frame.extracting(first: flow.byteCount))
        if flow.edits.contains(.urgent) { edited.clearUrgent(transportOffset: flow.transportOffset) }
        if flow.edits.contains(.segmentSize) {
            edited.setMaximumSegmentSize(NATConfiguration.librarySegmentSize, transportOffset: flow.transportOffset)
        }
        if flow.edits.contains(.window) { edited.reduceWindow(transportOffset: flow.transportOffset) }
        if flow.edits.contains(.peer) {
            edited.setDestination(
                flow.destination.mapped, port: flow.destinationPort, transportOffset: flow.transportOffset)
        }
        if flow.edits.contains(.resolver) { edited.setDestination(configuration.resolverAlias) }
        shard.instance.input(edited.bytes.span)
    }

    /// Tells libslirp where the guest is, if need be.
    func announce(_ address: IPv6Address, at station: MACAddress, to shard: SlirpShard) {
        guard shard.host.state.mustAnnounce(address, at: station, isFirst: shard.host.isFirst) else { return }
        let announcement =
            address.high == 0
            ? CraftedFrames.announcement(of: address.mapped, at: station)
            : CraftedFrames.announcement(of: address, at: station)
        shard.instance.input(announcement.span)
    }

    /// Makes libslirp acknowledge what it has of a connection, by repeating a number before that.
    private func probe(_ slot: Int, _ segment: TCPSegment) {
        guard let key = context.flows.sockets[slot].libraryKey, let shard = shard(of: slot) else { return }
        context.counters.probes += 1
        let frame = CraftedFrames.segment(
            on: key, flags: .ack, sequence: context.flows.sockets[slot].tcp.acknowledged &- 1,
            acknowledgement: segment.acknowledgement, window: segment.window)
        touch(shard)
        shard.instance.input(frame.span)
    }

    /// Ends a connection in the guest's name; libslirp frees it before this returns.
    func reset(_ slot: Int) {
        guard let key = context.flows.sockets[slot].libraryKey, let shard = shard(of: slot) else { return }
        let (flags, acknowledgement) = context.flows.sockets[slot].tcp.reset
        let frame = CraftedFrames.segment(
            on: key, flags: flags, sequence: context.flows.sockets[slot].tcp.acknowledged,
            acknowledgement: acknowledgement, window: 0)
        touch(shard)
        shard.instance.input(frame.span)
    }

    func touch(_ shard: SlirpShard) {
        touched.insert(shard.host.number)
        shard.host.state.lastFrame = context.now
    }

    // MARK: Instances

    func shard(of slot: Int) -> SlirpShard? {
        shards[Int(context.flows.sockets[slot].shard)]
    }

    func shardForNewFlow() -> SlirpShard? {
        let number = placement.choose(below: shards.count) { number in
            shards[number].map { _ in context.flows.sockets.population(ofShard: number).flows }
        }
        return number < shards.count ? shards[number] ?? makeShard(number) : makeShard(number)
    }

    private func makeShard(_ number: Int) -> SlirpShard? {
        guard let shard = SlirpShard(configuration, context: context, relay: relay, number: number) else { return nil }
        while shards.count <= number { shards.append(nil) }
        shards[number] = shard
        return shard
    }

    /// Frees instances that have no flow, and what their connections have left in the allocator.
    func release(_ numbers: [Int]) {
        guard !numbers.isEmpty else { return }
        for number in numbers {
            deadlines.set(nil, for: number)
            shards[number] = nil
        }
        while let last = shards.last, last == nil { shards.removeLast() }
        Allocator.trim()
    }
}
