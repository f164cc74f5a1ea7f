import VmnetSwitch
import VmnetSystem
import VmnetWire

/// From the host to the guest.
extension UDPEngine {
    /// Datagrams in one frame for the guest: what Linux takes from a device (UDP_MAX_SEGMENTS).
    static let frameSegmentCount = 64
    /// Room that a message is given at least: a batch of these is no more than the least room.
    private static let leastMessageRoom = leastRoom / DatagramReceiveBatch.capacity

    /// Datagrams in a row that came from one peer, in the payload of one message.
    struct Run {
        /// The message whose slot holds them all.
        let message: Int
        let source: InternetEndpoint
        let typeOfService: UInt8
        /// Payload bytes of each but the last.
        let segmentByteCount: Int
        var byteCount: Int

        init(_ index: Int, _ message: DatagramReceiveBatch.Message, from source: InternetEndpoint) {
            self.message = index
            self.source = source
            typeOfService = message.typeOfService
            segmentByteCount = message.segmentByteCount
            byteCount = message.byteCount
        }

        /// Whether the datagrams of a message go on where these end.
        func takes(_ other: DatagramReceiveBatch.Message, from source: InternetEndpoint) -> Bool {
            segmentByteCount > 0 && byteCount.isMultiple(of: segmentByteCount) && other.byteCount > 0
                && (other.segmentByteCount == segmentByteCount
                    || other.segmentByteCount == other.byteCount && other.byteCount < segmentByteCount)
                && source == self.source && other.typeOfService == typeOfService
                && byteCount + other.byteCount <= UDPEngine.messageByteCount
        }
    }

    /// Reads one batch from a flow's socket, at most as much as there is room for.
    mutating func receive(_ slot: Int, room: inout Int) {
        // Messages of many datagrams come from peers that sent such before: for others there is room for more of them.
        let limit = room / max(flows[slot].messageByteCount, Self.leastMessageRoom)
        guard case .moved(let count) = buffers.receiving.receive(flows[slot].descriptor, limit: limit) else { return }
        var run: Run?
        var latest: (peer: InternetEndpoint, source: InternetEndpoint)?
        var longest = 0
        for index in 0..<count {
            let message = buffers.receiving.message(index)
            longest = max(longest, message.byteCount)
            guard !message.isTruncated, let peer = message.source,
                let source = latest?.peer == peer ? latest?.source : sender(peer, slot)
            else {
                counters.unsolicited += 1
                continue
            }
            // A forward counts each.
            if flows[slot].path != .forward { latest = (peer, source) }
            if let present = run, present.takes(message, from: source) {
                buffers.receiving.append(
                    index, byteCount: message.byteCount, to: present.message, at: present.byteCount)
                run?.byteCount += message.byteCount
                continue
            }
            if let run { deliver(run, slot, room: &room) }
            run = Run(index, message, from: source)
        }
        flows[slot].messageByteCount = longest
        guard let run else { return }
        deliver(run, slot, room: &room)
        flows.use(slot, now: now.nanoseconds, isAnswer: true)
    }

    /// The address by which the guest knows the sender of a message; nil for one that it is to hear nothing from.
    @inline(__always)
    private mutating func sender(_ peer: InternetEndpoint, _ slot: Int) -> InternetEndpoint? {
        flows[slot].path == .forward ? shown(peer, slot) : known(peer, slot)
    }

    /// The address by which the guest knows a peer; nil for one that it has not sent to.
    func known(_ peer: InternetEndpoint, _ slot: Int) -> InternetEndpoint? {
        if flows[slot].path == .forward { return peers.known(peer, over: Int32(slot)) }
        guard flows[slot].peers.contains(flows[slot].path.identity(of: peer)) else { return nil }
        switch flows[slot].path {
        case .outside, .forward: return peer
        case .gateway:
            return addresses.address(of: .gateway, isIPv4: flows[slot].isGuestIPv4).map {
                InternetEndpoint($0, peer.port)
            }
        case .resolver:
            guard peer.port == UDPPath.resolverPort else { return nil }
            return addresses.address(of: .resolver, isIPv4: flows[slot].isGuestIPv4).map {
                InternetEndpoint($0, peer.port)
            }
        }
    }

    /// Hands datagrams to the guest, in as few frames as they fit in.
    private mutating func deliver(_ run: Run, _ slot: Int, room: inout Int) {
        let packetByteCount = GuestDatagram.headerByteCount(isIPv4: flows[slot].isGuestIPv4) - EthernetHeader.byteCount
        let segment = max(run.segmentByteCount, 1)
        let isFragmented = packetByteCount + min(segment, run.byteCount) > mtu
        let whole = isFragmented ? 1 : min(Self.frameSegmentCount, max(1, Self.messageByteCount / segment))
        var start = 0
        repeat {
            let end = min(run.byteCount, start + whole * segment)
            let datagram = GuestDatagram(
                station: flows[slot].station, gatewayMAC: gatewayMAC, source: run.source,
                destination: InternetEndpoint(flows[slot].key.source, flows[slot].key.sourcePort),
                typeOfService: run.typeOfService, byteCount: end - start, segmentByteCount: segment,
                identification: isFragmented ? fragmentIdentification : 0)
            room -= deliver(datagram, run.message, start..<end, isFragmented: isFragmented)
            start = end
            if isFragmented { fragmentIdentification &+= 1 }
        } while start < run.byteCount
    }

    /// Hands one frame to the guest, or the fragments of one. Returns how much room that takes.
    private mutating func deliver(
        _ datagram: GuestDatagram, _ message: Int, _ range: Range<Int>, isFragmented: Bool
    ) -> Int {
        var reason: DropReason?
        let taken = buffers.receiving.withFrame(
            message, range, headerByteCount: datagram.headerByteCount, header: { datagram.write(to: &$0) }
        ) { frame in
            reason =
                isFragmented
                ? deliverFragments(of: frame, datagram.offload) : output(frame, datagram.offload, .ordinary)
            return datagram.headerByteCount * datagram.count + range.count
        }
        if reason != nil { counters.refusedByPort += 1 }
        return taken
    }
}
