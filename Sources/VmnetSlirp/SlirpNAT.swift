package import VmnetSwitch
import VmnetSystem
package import VmnetWire

/// The NAT of one guest: its frames in, frames for it out.
///
/// Every call comes with the network's lock held, and not from inside the output closure. libslirp writes to sockets that
/// may be closed with plain `send`: SIGPIPE is blocked on the thread, as on every `SystemThread`, or ignored.
package final class SlirpNAT {
    let host: SlirpHost
    let instance: SlirpInstance
    private let filter: GuestFilter
    let budget: SocketBudget
    private let mtu: Int
    private let gateway6: IPv6Address?
    /// Copies of the guest's frames that must be changed; taken out while in use.
    private var editor = FrameEditor()
    var reassembler = FragmentReassembler()
    var schedule = PollSchedule()
    var events = Epoll.EventList(capacity: 128)

    /// - Parameters:
    ///   - now: the present; later calls do not go back behind it.
    ///   - output: takes a frame for the guest, lent for the call, or says why not. TCP segments are `.held`.
    ///
    /// Throws when the gateway is no address of the subnet for a host, the subnet is too small, or descriptors run out.
    package init(
        configuration: SlirpConfiguration, now: ContinuousClock.Instant = .now,
        output: @escaping (Span<UInt8>, OffloadDescriptor, FrameUrgency) -> DropReason?
    ) throws(SlirpError) {
        try Self.validate(configuration)
        let gatewayMAC = Self.gatewayMAC(for: configuration.gatewayAddress)
        do throws(SystemError) {
            host = try SlirpHost(
                configuration, gatewayMAC: gatewayMAC, isLenient: SlirpLibrary.isAtLeast(4, 8), now: NATTime(now),
                output: output)
        } catch {
            throw .system(error)
        }
        guard let instance = SlirpInstance(configuration, host: host) else { throw .refusedByLibrary }
        self.instance = instance
        filter = GuestFilter(configuration, gatewayMAC: gatewayMAC, canPing: SlirpLibrary.canPing)
        budget = .current()
        mtu = configuration.effectiveMTU
        gateway6 = filter.policy.addresses6?.gateway
        fill()
    }

    private static func validate(_ configuration: SlirpConfiguration) throws(SlirpError) {
        let (gateway, subnet) = (configuration.gatewayAddress, configuration.subnet)
        guard subnet.prefixLength <= 30 else {
            throw .invalidConfiguration("the network \(subnet) has no room for a gateway and a guest")
        }
        guard subnet.contains(gateway), gateway != subnet.network, gateway != subnet.broadcast else {
            throw .invalidConfiguration("the gateway \(gateway) is no host address of the network \(subnet)")
        }
    }

    /// The station address at which libslirp answers for `address`: 52:55 and the address.
    package static func gatewayMAC(for address: IPv4Address) -> MACAddress {
        MACAddress(bits: 0x5255 << 32 | UInt64(address.bits))
    }

    /// An epoll set of its own, to be watched for being readable: then call `poll`.
    package var descriptor: Int32 { host.epoll.descriptor }

    /// Host sockets of the guest's connections, UDP ports and unanswered echo requests.
    package var flowCount: Int { host.state.flows.sockets.flowCount }

    package var counters: SlirpCounters { host.state.counters }

    // MARK: Frames of the guest

    /// Takes one frame of the guest that is addressed to the gateway or to a group.
    ///
    /// Frames for the guest may leave through the output closure before it returns. Call `finishBatch` after the last
    /// frame of a batch.
    ///
    /// - Parameters:
    ///   - frame: from the destination address on; lent for the call.
    ///   - offload: what is still to be done to it. A checksum is completed here; a TCP super-segment is taken as it is.
    /// - Returns: why the frame went no further; the caller counts it. nil also for what was answered or is no concern
    ///   of the NAT's.
    package func input(
        _ frame: Span<UInt8>, offload: OffloadDescriptor, now: ContinuousClock.Instant
    ) -> DropReason? {
        advance(to: now)
        return offload.isNone ? process(frame) : complete(frame, offload)
    }

    private func complete(_ frame: Span<UInt8>, _ offload: OffloadDescriptor) -> DropReason? {
        switch offload.segmentation {
        case .none, .tcpv4: break
        // libslirp takes an IPv6 packet of its MTU at most.
        case .tcpv6: guard frame.count <= EthernetHeader.byteCount + mtu else { return .oversize }
        // Several datagrams in one: nothing says how many to anyone behind us.
        case .udp: return .unsupported
        }
        guard offload.needsChecksum else { return process(frame) }
        var completed = FrameEditor()
        swap(&completed, &editor)
        defer { swap(&completed, &editor) }
        completed.load(frame)
        do throws(WireError) {
            try completed.complete(offload)
        } catch {
            return .malformed
        }
        return process(completed.bytes.span)
    }

    private func process(_ frame: Span<UInt8>) -> DropReason? {
        switch filter.classify(frame) {
        case .flow(let flow): return forward(frame, flow)
        case .resolution(let byteCount):
            instance.input(frame.extracting(first: byteCount))
            schedule.hasResolved = true
            return nil
        case .fragment(let header): return reassemble(frame, header)
        case .ignore: return nil
        case .drop(let reason): return reason
        case .refuse(let refusal):
            refuse(frame, refusal)
            return .prohibited
        }
    }

    private func reassemble(_ frame: Span<UInt8>, _ header: IPv4Header) -> DropReason? {
        switch reassembler.insert(frame, header, now: host.state.now) {
        case .incomplete: return nil
        case .drop: return .fragment
        case .complete(let datagram):
            host.state.counters.reassembled += 1
            return process(datagram.span)
        }
    }

    private func forward(_ frame: Span<UInt8>, _ flow: GuestFlow) -> DropReason? {
        let station = MACAddress(bits: frame.be48(at: 6))
        // A second look is enough: a probe and a reset have their effect before they return.
        var isSecondLook = false
        while true {
            switch host.state.admit(flow, from: station, budget: budget) {
            case .pass:
                deliver(frame, flow)
                return nil
            case .open(let opening):
                host.state.opening = opening
                deliver(frame, flow)
                host.state.opening = nil
                return nil
            case .unannounced:
                instance.input(CraftedFrames.announcement(of: flow.source.mapped, at: station).span)
            case .ahead(let slot):
                guard !isSecondLook, case .tcp(let segment) = flow.content else { return .outOfOrder }
                isSecondLook = true
                probe(slot, segment)
            case .reopened(let slot):
                guard !isSecondLook else { return .outOfOrder }
                isSecondLook = true
                reset(slot)
            case .unknown:
                refuse(frame, .reset)
                return .unsupported
            case .ignore: return nil
            case .drop(let reason): return reason
            }
        }
    }

    /// Gives the frame to libslirp, changed as it must be.
    private func deliver(_ frame: Span<UInt8>, _ flow: GuestFlow) {
        guard !flow.edits.isEmpty else {
            instance.input(frame.extracting(first: flow.byteCount))
            return
        }
        var edited = FrameEditor()
        swap(&edited, &editor)
        defer { swap(&edited, &editor) }
        edited.load(frame.extracting(first: flow.byteCount))
        if flow.edits.contains(.urgent) { edited.clearUrgent(transportOffset: flow.transportOffset) }
        if flow.edits.contains(.resolver) { edited.setDestination(filter.resolverAlias) }
        instance.input(edited.bytes.span)
    }

    /// Makes libslirp acknowledge what it has of a connection, by repeating a number before that.
    private func probe(_ slot: Int, _ segment: TCPSegment) {
        let socket = host.state.flows.sockets[slot]
        guard let key = socket.key else { return }
        host.state.counters.probes += 1
        let frame = CraftedFrames.segment(
            on: key, flags: .ack, sequence: socket.tcp.acknowledged &- 1, acknowledgement: segment.acknowledgement,
            window: segment.window)
        instance.input(frame.span)
    }

    /// Ends a connection in the guest's name; libslirp frees it before this returns.
    func reset(_ slot: Int) {
        let socket = host.state.flows.sockets[slot]
        guard let key = socket.key else { return }
        host.state.counters.resetConnections += 1
        let frame = CraftedFrames.segment(
            on: key, flags: .rst, sequence: socket.tcp.acknowledged, acknowledgement: 0, window: 0)
        instance.input(frame.span)
    }

    private func refuse(_ frame: Span<UInt8>, _ refusal: Refusal) {
        guard host.state.flows.mayRefuse(now: host.state.now) else { return }
        let answer = refusal.answer(
            to: frame, gatewayMAC: filter.gatewayMAC, gateway: filter.policy.gateway, gateway6: gateway6)
        guard let answer else { return }
        host.state.counters.refusals += 1
        host.deliver(answer.span, .ordinary)
    }
}
