package import VmnetSwitch
import VmnetSystem
package import VmnetWire

/// The NAT of one guest: its frames in, frames for it out.
///
/// It says once what a frame is, and refuses what policy closes; then it gives the packet to the engine for its protocol.
///
/// Every call comes with the network's lock held, and not from inside the output closure. libslirp writes to sockets that
/// may be closed with plain `send`: SIGPIPE is blocked on the thread, as on every `SystemThread`, or ignored.
package final class GuestNAT {
    let context: GuestContext
    let slirp: SlirpEngine
    var udp: UDPEngine
    private let filter: GuestFilter
    /// Says what a packet is that answers somebody, whatever policy says of those that do not.
    let answerFilter: GuestFilter
    /// A copy of a frame whose checksum must be completed; taken out while in use.
    private var editor = FrameEditor()
    var reassembler = FragmentReassembler()
    var events = Epoll.EventList(capacity: 128)
    /// The time as the caller last gave it, since the epoch; as such cheaper to compare than an instant.
    var lastAdvance: Duration = .zero

    /// - Parameters:
    ///   - buffers: the network's.
    ///   - now: the present; later calls do not go back behind it.
    ///   - output: takes a frame for the guest, lent for the call, or says why not. TCP segments are `.held`.
    ///
    /// Throws when the gateway is no address of the subnet for a host, the subnet is too small, or descriptors run out.
    package init(
        configuration: NATConfiguration, buffers: UDPBuffers = UDPBuffers(), now: ContinuousClock.Instant = .now,
        output: @escaping (Span<UInt8>, OffloadDescriptor, FrameUrgency) -> DropReason?
    ) throws(NATError) {
        try Self.validate(configuration)
        let gatewayMAC = Self.gatewayMAC(for: configuration.gatewayAddress)
        let relay: TCPRelay
        do throws(SystemError) {
            context = try GuestContext(
                configuration, gatewayMAC: gatewayMAC, isLenient: SlirpLibrary.isAtLeast(4, 8), now: NATTime(now),
                output: output)
            udp = try UDPEngine(
                configuration, gatewayMAC: gatewayMAC, buffers: buffers, budget: context.budget, output: output)
            try context.epoll.add(udp.descriptor, .readable, token: Self.udpToken)
            relay = try TCPRelay(gatewayMAC: gatewayMAC, output: output)
            try context.epoll.add(relay.epoll.descriptor, .readable, token: TCPRelay.token)
        } catch {
            throw .system(error)
        }
        guard let slirp = SlirpEngine(configuration, context: context, relay: relay) else { throw .refusedByLibrary }
        self.slirp = slirp
        filter = GuestFilter(configuration, gatewayMAC: gatewayMAC, canPing: SlirpLibrary.canPing)
        var open = configuration
        open.allowsHostLoopback = true
        open.reachesOutside = true
        open.reachesOutside6 = true
        answerFilter = GuestFilter(open, gatewayMAC: gatewayMAC, canPing: false)
    }

    private static func validate(_ configuration: NATConfiguration) throws(NATError) {
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
    package var descriptor: Int32 { context.epoll.descriptor }

    /// Host sockets of the guest's connections, UDP ports and unanswered echo requests.
    package var flowCount: Int { slirp.flowCount + udp.flows.count }

    package var counters: NATCounters {
        var counters = context.counters
        udp.counters.add(to: &counters)
        counters.refusedByPort += slirp.relay.refusedByPort
        return counters
    }

    // MARK: Frames of the guest

    /// Takes one frame of the guest that is addressed to the gateway or to a group.
    ///
    /// Frames for the guest may leave through the output closure before it returns. Call `finishBatch` after the last
    /// frame of a batch.
    ///
    /// - Parameters:
    ///   - frame: from the destination address on; lent for the call.
    ///   - offload: what is still to be done to it. A checksum is completed here, if anybody will look at it; a
    ///     super-frame is taken as it is.
    /// - Returns: why the frame went no further; the caller counts it. nil also for what was answered or is no concern
    ///   of the NAT's.
    package func input(
        _ frame: Span<UInt8>, offload: OffloadDescriptor, now: ContinuousClock.Instant
    ) -> DropReason? {
        advance(to: now)
        return process(frame, offload)
    }

    private func complete(_ frame: Span<UInt8>, _ offload: OffloadDescriptor) -> DropReason? {
        switch offload.segmentation {
        case .none: break
        case .tcpv4: return cut(frame, offload, packetLimit: Int(UInt16.max))
        // libslirp takes an IPv6 packet of its MTU at most.
        case .tcpv6: return cut(frame, offload, packetLimit: NATConfiguration.libraryMTU)
        case .udp: return .malformed
        }
        var completed = FrameEditor()
        swap(&completed, &editor)
        defer { swap(&completed, &editor) }
        completed.load(frame)
        do throws(WireError) {
            try completed.complete(offload)
        } catch {
            return .malformed
        }
        return process(completed.bytes.span, .none)
    }

    /// Takes a super-frame in as few pieces as its reader allows, each with a whole checksum.
    private func cut(_ frame: Span<UInt8>, _ offload: OffloadDescriptor, packetLimit: Int) -> DropReason? {
        guard offload.needsChecksum || frame.count > EthernetHeader.byteCount + packetLimit else {
            return process(frame, .none)
        }
        guard let superFrame = try? SuperFrame(parsing: frame, offload, packetLimit: packetLimit) else {
            return .malformed
        }
        var piece = FrameEditor()
        swap(&piece, &editor)
        defer { swap(&piece, &editor) }
        for index in 0..<superFrame.count {
            piece.load(byteCount: superFrame.byteCount(of: index)) { superFrame.write(index, of: frame, to: &$0) }
            if let reason = process(piece.bytes.span, .none) { return reason }
        }
        return nil
    }

    private func process(_ frame: Span<UInt8>, _ offload: OffloadDescriptor) -> DropReason? {
        switch filter.classify(frame) {
        case .flow(let flow): return forward(frame, flow, offload)
        case .resolution(let resolution):
            slirp.resolve(frame, resolution)
            return nil
        case .fragment(let header): return reassemble(frame, header)
        case .ignore: return nil
        case .drop(let reason): return reason
        case .refuse(let refusal):
            if let flow = answer(in: frame) { return forward(frame, flow, offload) }
            context.refuse(frame, refusal)
            return refusal == .timeExceeded ? .hopLimit : .prohibited
        }
    }

    private func reassemble(_ frame: Span<UInt8>, _ header: IPv4Header) -> DropReason? {
        switch reassembler.insert(frame, header, now: context.now) {
        case .incomplete: return nil
        case .drop: return .fragment
        case .complete(let datagram):
            context.counters.reassembled += 1
            return process(datagram.span, .none)
        }
    }

    /// Gives a packet to the engine for its protocol.
    func forward(
        _ frame: Span<UInt8>, _ flow: GuestFlow, _ offload: OffloadDescriptor
    ) -> DropReason? {
        switch flow.content {
        case .tcp(let segment):
            if offload.isForSegment, let connection = slirp.relayed(flow, segment) {
                return slirp.input(frame, flow, segment, offload, on: connection)
            }
            guard offload.isNone else { return complete(frame, offload) }
            return slirp.input(frame, flow)
        case .echo:
            guard offload.isNone else { return complete(frame, offload) }
            return slirp.input(frame, flow)
        case .udp:
            // What only claims to be a datagram is looked at once more.
            guard offload.isNone || offload.isForDatagram else { return complete(frame, offload) }
            let context = context
            let reason = udp.input(frame, flow, offload, now: context.now) {
                context.flows.mayOpen(now: context.now)
            }
            if reason == .prohibited { context.refuse(frame, .prohibited) }
            return reason
        }
    }
}

/// Who needs no checksum: the host makes its own.
extension OffloadDescriptor {
    /// Whether it is what belongs to a UDP datagram, or to several in one frame.
    fileprivate var isForDatagram: Bool {
        segmentation == .udp || segmentation == .none && Int(checksumOffset) == UDPHeader.checksumOffset
    }

    /// Whether it is what belongs to a TCP segment, or to several in one frame.
    fileprivate var isForSegment: Bool {
        switch segmentation {
        case .none: !needsChecksum || Int(checksumOffset) == TCPHeader.checksumOffset
        case .tcpv4, .tcpv6: true
        case .udp: false
        }
    }
}
