import VmnetSwitch
import VmnetSystem
import VmnetWire

/// TCP segments of libslirp's on their way to the guest.
extension SlirpHost {
    /// Keeps up with what libslirp acknowledges, and says of a segment that is too long for the guest how it is to be cut.
    func sendSegment(
        _ frame: Span<UInt8>, at transport: Int, guest: IPv6Address, peer: IPv6Address, isFromResolver: Bool
    ) {
        let key = FlowKey.tcp(
            source: guest, sourcePort: frame.be16(at: transport + 2), destination: peer,
            destinationPort: frame.be16(at: transport))
        let flags = TCPHeader.Flags(rawValue: frame[transport + 13])
        guard let slot = slot(of: key, flags: flags, sequence: frame.be32(at: transport + 4)) else {
            return pass(frame, at: transport, flags, nil, key, isFromResolver: isFromResolver)
        }
        context.flows.sockets[slot].tcp.noteSent(flags: flags, acknowledgement: frame.be32(at: transport + 8))
        if context.flows.sockets[slot].tcp.isClosing { noteClosing(slot, frame, at: transport, flags) }
        if !isFromResolver { relayIfOpen(slot, frame, at: transport, flags) }
        guard let connection = relay[slot], !flags.contains(.syn) else {
            return pass(frame, at: transport, flags, slot, key, isFromResolver: isFromResolver)
        }
        translate(frame, at: transport, flags, connection)
    }

    /// Hands over a segment of a connection whose data is libslirp's own affair, or whose handshake it is.
    private func pass(
        _ frame: Span<UInt8>, at transport: Int, _ flags: TCPHeader.Flags, _ slot: Int?, _ key: FlowKey,
        isFromResolver: Bool
    ) {
        let segmentSize = slot.flatMap { context.flows.sockets[$0].tcp.segmentSize }
        let shown = slot.flatMap { shownName(of: $0) }
        let offload = segmentation(of: frame, at: transport, segmentSize: segmentSize, isIPv4: key.isIPv4)
        guard isFromResolver || flags.contains(.syn) || shown != nil else {
            return context.deliver(frame, .held, offload: offload)
        }
        deliver(frame, .held, offload: offload) { editor in
            if flags.contains(.syn) {
                // libslirp announces what it takes itself; the network carries less.
                let size = min(
                    configuration.maximumSegmentSize(isIPv4: key.isIPv4), NATConfiguration.librarySegmentSize)
                editor.setMaximumSegmentSize(size, transportOffset: transport)
                if let slot { offer(slot, flags, at: transport, &editor) }
            }
            if isFromResolver { editor.setSource(configuration.gatewayAddress) }
            if let shown { editor.show(shown, transportOffset: transport) }
        }
    }

    /// The connection's name on the guest's side, where that is another than libslirp's.
    private func shownName(of slot: Int) -> FlowKey? {
        context.flows.sockets[slot].alias == nil ? nil : context.flows.sockets[slot].key
    }

    /// Keeps in mind what is over: libslirp cannot be told in the middle of its call.
    @inline(never)
    private func noteClosing(_ slot: Int, _ frame: Span<UInt8>, at transport: Int, _ flags: TCPHeader.Flags) {
        if flags.contains(.fin) {
            let byteCount = frame.count - transport - Int(frame[transport + 12] >> 4) * 4
            let end = frame.be32(at: transport + 4) &+ UInt32(truncatingIfNeeded: byteCount) &+ 1
            context.flows.sockets[slot].tcp.noteEnd(end)
        }
        if context.flows.sockets[slot].tcp.isOver { context.flows.over.append(Int32(truncatingIfNeeded: slot)) }
    }

    /// How a segment of libslirp's is to be cut into what the guest takes; `.none` when it is short enough.
    ///
    /// - Parameter segmentSize: as the guest has announced it; nil when that is not known.
    private func segmentation(
        of frame: Span<UInt8>, at transport: Int, segmentSize: UInt16?, isIPv4: Bool
    ) -> OffloadDescriptor {
        let headerLength = Int(frame[transport + 12] >> 4) * 4
        let options = headerLength - TCPHeader.byteCount
        let announced = segmentSize ?? configuration.segmentSize(announced: nil, isIPv4: isIPv4)
        // What is announced is without options (RFC 6691).
        let size = Int(announced) - options
        guard options >= 0, frame.count - transport - headerLength > size else { return .none }
        return OffloadDescriptor(
            segmentation: isIPv4 ? .tcpv4 : .tcpv6, segmentSize: UInt16(clamping: size),
            headerLength: UInt16(clamping: transport + headerLength))
    }

    /// The connection that a segment of libslirp's is on.
    @inline(__always)
    private func slot(of key: FlowKey, flags: TCPHeader.Flags, sequence: UInt32) -> Int? {
        if let known = context.flows.sockets.slot(of: key) { return known }
        guard let accepted = state.accepted, flags.contains(.syn) else { return nil }
        state.accepted = nil
        context.flows.sockets.name(accepted, state.client?.shown ?? key, alias: key)
        context.flows.sockets[accepted].tcp.noteOpening(sequence: sequence)
        return accepted
    }

    // MARK: The relay

    /// Has the relay take over once the handshake needs nothing more of libslirp's: with its answer to the guest's SYN, or
    /// with its answer to the guest's answer. From then on libslirp is not told that the socket is readable.
    private func relayIfOpen(
        _ slot: Int, _ frame: Span<UInt8>, at transport: Int, _ flags: TCPHeader.Flags
    ) {
        let tcp = context.flows.sockets[slot].tcp
        guard let key = context.flows.sockets[slot].key, configuration.relaysConnections, relay[slot] == nil,
            !context.flows.sockets[slot].isRelayed,
            flags.contains(.ack), flags.isDisjoint(with: [.rst, .fin]), flags.contains(.syn) != tcp.isForwarded,
            !tcp.isClosing, !context.flows.isTrap(frame.be32(at: transport + 8), for: key.source)
        else { return }
        let sequence = frame.be32(at: transport + 4) &+ (tcp.isForwarded ? 0 : 1)
        let connection = RelayedConnection(
            slot: slot, generation: context.flows.sockets[slot].generation, key: key,
            descriptor: context.flows.sockets[slot].descriptor,
            segmentSize: Int(tcp.segmentSize ?? configuration.segmentSize(announced: nil, isIPv4: key.isIPv4)),
            guestScale: tcp.windowScale, permitsSACK: tcp.permitsSACK, sequence: sequence,
            acknowledgement: frame.be32(at: transport + 8), isOpen: tcp.isForwarded)
        connection.station = MACAddress(bits: frame.be48(at: 0))
        if tcp.isForwarded { connection.window = Int(tcp.openingWindow) }
        context.flows.sockets[slot].isRelayed = true
        relay.insert(connection)
        if tcp.isForwarded { relay.run(connection) }
    }

    /// Offers in a SYN of libslirp's what the relay can do: scaled windows and selective acknowledgements. A SYN of its own
    /// always does, its answer if the guest has offered the same.
    private func offer(_ slot: Int, _ flags: TCPHeader.Flags, at transport: Int, _ editor: inout FrameEditor) {
        guard configuration.relaysConnections else { return }
        let isAnswer = flags.contains(.ack)
        if !isAnswer || relay[slot]?.guestScale != nil {
            editor.appendOption(byteCount: WindowScaleOption.byteCount, transportOffset: transport) {
                WindowScaleOption.write(shift: RelayedConnection.scale, to: &$0)
            }
        }
        if !isAnswer || relay[slot]?.permitsSACK == true {
            editor.appendOption(
                byteCount: SelectiveAcknowledgementOption.permittedByteCount, transportOffset: transport
            ) {
                SelectiveAcknowledgementOption.writePermitted(to: &$0)
            }
        }
    }

    /// Gives the guest a segment that libslirp has sent by itself, such as its FIN, with the numbers that the guest knows.
    private func translate(
        _ frame: Span<UInt8>, at transport: Int, _ flags: TCPHeader.Flags, _ connection: RelayedConnection
    ) {
        let acknowledged = frame.be32(at: transport + 8) &- connection.libraryAcknowledgement
        if flags.contains(.ack) {
            if acknowledged == 1 { connection.isFinished = true }
            connection.noteAcknowledged()
        }
        let offset = frame.be32(at: transport + 4) &- connection.librarySequence
        let byteCount = frame.count - transport - Int(frame[transport + 12] >> 4) * 4
        let end = offset &+ UInt32(truncatingIfNeeded: byteCount) &+ (flags.contains(.fin) ? 1 : 0)
        if Int32(bitPattern: end &- connection.sentRest) > 0 { connection.sentRest = end }
        if flags.contains(.fin) { relay.noteEnd(of: connection) }
        let offload = segmentation(
            of: frame, at: transport, segmentSize: UInt16(clamping: connection.segmentSize),
            isIPv4: connection.key.isIPv4)
        deliver(frame, .held, offload: offload) { editor in
            editor.setNumbers(
                sequence: connection.next &+ offset, acknowledgement: connection.acknowledgement,
                window: connection.windowField,
                transportOffset: transport)
            if let shown = shownName(of: connection.slot) { editor.show(shown, transportOffset: transport) }
        }
    }
}

extension FrameEditor {
    /// Gives a segment the source by which the guest knows its connection.
    fileprivate mutating func show(_ name: FlowKey, transportOffset: Int) {
        setSource(name.destination.mapped, port: name.destinationPort, transportOffset: transportOffset)
    }
}
