import VmnetSwitch
import VmnetSystem
import VmnetWire

/// What libslirp learns of connections whose data the relay carries.
extension SlirpEngine {
    /// The connection that a packet of the guest is on, if it is relayed and the packet is the relay's to take.
    @inline(__always)
    func relayed(_ flow: GuestFlow, _ segment: TCPSegment) -> RelayedConnection? {
        // A SYN alone is a guest's that has been restarted.
        guard !segment.flags.contains(.syn) || segment.flags.contains(.ack), let key = flow.key,
            let slot = context.flows.sockets.slot(of: key)
        else { return nil }
        return relay[slot]
    }

    /// Takes a segment of such a connection. Returns why it went no further.
    func input(
        _ frame: Span<UInt8>, _ flow: GuestFlow, _ segment: TCPSegment, _ offload: OffloadDescriptor,
        on connection: RelayedConnection
    ) -> DropReason? {
        context.flows.sockets[connection.slot].tcp.lastSeen = context.now.seconds
        relay.now = context.now
        switch relay.input(frame, flow, segment, offload, connection) {
        case .taken: return nil
        case .drop(let reason): return reason
        case .reset: reset(connection.slot)
        case .acknowledged(let count):
            connection.acknowledgedRest = count
            give(connection, flags: .ack, window: connection.byteCount(ofWindow: segment.window))
        }
        return nil
    }

    /// Handles what is ready for the guest, and ends what is over.
    ///
    /// - Parameter room: bytes of ordinary frames that its port can still take.
    func finishRelay(room: Int) {
        relay.sendDue(now: context.now, room: room)
        relay.conclusions.takeEach { conclusion in
            switch conclusion {
            case .finished(let connection) where relay[connection.slot] === connection: finish(connection)
            case .released(let connection) where relay[connection.slot] === connection:
                context.flows.sockets[connection.slot].isRelayed = false
                if let shard = shard(of: connection.slot) { touch(shard) }
            case .abandoned(let connection) where relay[connection.slot] === connection:
                context.counters.resetConnections += 1
                reset(connection.slot)
            case .finished, .released, .abandoned: break
            }
        }
        relay.acknowledge()
    }

    /// Says at libslirp that a guest is there which sends to a host that has ended its own stream: libslirp, which sees
    /// nothing of that, would close the connection after ten minutes.
    func vouch(forGuestOf slot: Int) {
        guard let connection = relay[slot], connection.isReleased else { return }
        give(connection, flags: .ack, window: connection.window)
    }

    /// Ends the guest's stream at libslirp, which shuts the host's socket down for writing.
    private func finish(_ connection: RelayedConnection) {
        give(connection, flags: [.fin, .ack], window: Int(UInt16.max))
    }

    /// Gives libslirp a segment in the guest's name, with the numbers that it knows: of its SYN, of what came of the end.
    private func give(_ connection: RelayedConnection, flags: TCPHeader.Flags, window: Int) {
        guard let key = context.flows.sockets[connection.slot].libraryKey, let shard = shard(of: connection.slot)
        else { return }
        let sequence = connection.libraryAcknowledgement &+ (connection.isFinished ? 1 : 0)
        let acknowledgement = connection.librarySequence &+ connection.acknowledgedRest
        context.flows.sockets[connection.slot].tcp.noteGiven(
            flags: flags, sequence: sequence, acknowledgement: acknowledgement)
        let frame = CraftedFrames.segment(
            on: key, flags: flags, sequence: sequence, acknowledgement: acknowledgement,
            window: UInt16(clamping: window))
        touch(shard)
        shard.instance.input(frame.span)
    }
}
