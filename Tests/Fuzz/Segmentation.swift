import VmnetPorts
import VmnetSystem
import VmnetWire

extension FuzzTarget {
    /// Pieces hold the payload byte for byte, have right lengths and checksums, and cut again into the same segments.
    ///
    /// Five bytes before the frame: the segmentation's type, the segment's size, the largest packet.
    static let superFrame = FuzzTarget(name: "super-frame") { bytes in
        guard bytes.count > 5 else { return }
        let types: [OffloadDescriptor.Segmentation] = [.none, .tcpv4, .tcpv6, .udp]
        let offload = OffloadDescriptor(
            segmentation: types[Int(bytes[0] & 3)], segmentSize: bytes.be16(at: 1), headerLength: bytes.be16(at: 3))
        let limit = Int(bytes.be16(at: 3))
        // Once more with a right header checksum, which mutations break.
        for isRepaired in [false, true] {
            var copy = [UInt8](copying: bytes.extracting(droppingFirst: 5))
            if isRepaired { copy.repairHeader() }
            guard let segments = pieces(of: copy, offload, nil) else { continue }
            guard let larger = pieces(of: copy, offload, limit) else { fatalError("not with a limit") }
            var again: [[UInt8]] = []
            for piece in larger {
                if piece.offload.segmentation == .none {
                    again.append(piece.bytes)
                } else {
                    again += (pieces(of: piece.bytes, piece.offload, nil) ?? []).map(\.bytes)
                }
            }
            require(again == segments.map(\.bytes), "\(offload), \(limit)")
            require(segments.allSatisfy { $0.offload == .none && isRight($0.bytes) }, "\(offload)")
        }
    }

    /// What a run hands on is what came, in order: as it was, or as a super-frame that cuts into it.
    ///
    /// Before each frame, which begins with a virtio header, a byte says how long it is.
    static let datagramRun = FuzzTarget(name: "datagram-run") { bytes in
        let receiveBatch = ReceiveBatch(slotByteCount: 17 * 4096)
        var run = DatagramRun()
        var (given, taken): ([[UInt8]], [[UInt8]]) = ([], [])
        var rest = [UInt8](copying: bytes)[...]
        while let count = rest.popFirst() {
            var frame = Array(rest.prefix(Int(count)))
            rest = rest.dropFirst(Int(count))
            // A guest's own super-frame would be cut here, too.
            if frame.count > 1, frame[1] == 5 { frame[1] = 0 }
            given.append(frame)
            let start = run.readOffset
            receiveBatch.withMutableBytes(start..<(start + frame.count)) { room in
                for index in frame.indices { room[index] = frame[index] }
            }
            run.take(frame.count, in: receiveBatch) { taken += parts(of: [UInt8](copying: $0)) }
        }
        run.flush(in: receiveBatch) { taken += parts(of: [UInt8](copying: $0)) }
        require(taken.count == given.count, "\(taken.count) of \(given.count)")
        for (one, other) in zip(given, taken) where one != other {
            require(essence(of: one) == other, "\(one)")
        }
    }

    /// Fragments hold the packet's payload byte for byte and fit the MTU.
    ///
    /// Two bytes before the frame are the MTU.
    static let fragmentedPacket = FuzzTarget(name: "fragmented-packet") { bytes in
        guard bytes.count > 2 else { return }
        let mtu = Int(bytes.be16(at: 0))
        var frame = [UInt8](copying: bytes.extracting(droppingFirst: 2))
        frame.repairHeader()
        guard let packet = try? FragmentedPacket(parsing: frame.span, mtu: mtu) else { return }
        let header = frame[12] == 0x08 ? 34 : 54
        var joined: [UInt8] = []
        for index in 0..<packet.count {
            let fragment = [UInt8](capacity: packet.byteCount(of: index)) {
                packet.write(index, of: frame.span, to: &$0)
            }
            require(fragment.count <= 14 + mtu, "\(fragment.count) bytes")
            joined += fragment[(header + (header == 54 && packet.count > 1 ? 8 : 0))...]
        }
        let end = header == 34 ? 14 + Int(frame.span.be16(at: 16)) : 54 + Int(frame.span.be16(at: 18))
        require(joined == Array(frame[header..<end]), "\(packet)")
    }

    /// What is joined and cut again is what came in: all of it but acknowledgements that a later one repeats, in order
    /// within a connection.
    ///
    /// Four bytes make a segment: what is unusual about it, connection, payload bytes (two).
    static let coalescer = FuzzTarget(name: "coalescer") { bytes in
        var flows = [FuzzedFlow](repeating: FuzzedFlow(), count: 16)
        var sent: [[UInt8]] = []
        for index in 0..<(bytes.count / 4) {
            let port = Int(bytes[4 * index + 1] & 15)
            sent.append(
                flows[port].next(
                    bytes[4 * index], port: port, byteCount: Int(bytes.be16(at: 4 * index + 2) & 0x7ff)))
        }
        var coalescer = Coalescer()
        var received: [[UInt8]] = []
        func receive(_ frame: Span<UInt8>, _ offload: OffloadDescriptor) {
            let frame = [UInt8](copying: frame)
            require(frame.count <= 14 + 65535, "\(frame.count) bytes")
            guard offload.segmentation != .none else { return received.append(frame) }
            require(isRight(frame), "\(offload)")
            guard let segments = pieces(of: frame, offload, nil) else { fatalError("\(offload) cannot be cut") }
            received += segments.map(\.bytes)
        }
        for frame in sent { coalescer.take(frame.span, receive) }
        coalescer.flush(receive)
        for port in flows.indices { compare(sent.filter { $0[35] == port }, received.filter { $0[35] == port }) }
    }
}

/// One direction of a connection over IPv4.
private struct FuzzedFlow {
    private var sequence: UInt32 = 0xffff_0000
    private var acknowledgement: UInt32 = 0xffff_ff00
    private var identification: UInt16 = 0

    mutating func next(_ kind: UInt8, port: Int, byteCount: Int) -> [UInt8] {
        var flags = TCPHeader.Flags.ack
        var window: UInt16 = 1000
        switch kind & 15 {
        case 0: flags.insert(.psh)
        case 1: flags.insert(.fin)
        case 2: flags = TCPHeader.Flags(rawValue: kind >> 4 | 16)
        case 3: acknowledgement &+= 100
        case 4: acknowledgement &-= 1
        case 5: sequence &+= 1
        case 6: window = 0
        case 7: identification &+= 1
        default: break
        }
        let tcp = TCPHeader(
            sourcePort: UInt16(port), destinationPort: 80, sequence: sequence, acknowledgement: acknowledgement,
            flags: flags, window: window)
        let ip = IPv4Header(
            proto: .tcp, source: IPv4Address(bits: 0x0a00_0001), destination: IPv4Address(bits: 0x0a00_0002),
            payloadLength: 20 + byteCount, identification: identification, dontFragment: kind & 16 != 0)
        let ethernet = EthernetHeader(
            destination: MACAddress(bits: 0x5254_0000_0001), source: MACAddress(bits: 0x5254_0000_0002), type: .ipv4)
        var frame = [UInt8](capacity: 54 + byteCount) {
            ethernet.write(to: &$0)
            ip.write(to: &$0)
            tcp.write(to: &$0)
            for index in 0..<byteCount { $0.append(UInt8(truncatingIfNeeded: index &* 31 &+ Int(sequence & 255))) }
        }
        var sum = InternetChecksum()
        sum.addPseudoHeader(source: ip.source, destination: ip.destination, proto: .tcp, length: 20 + byteCount)
        sum.add(frame.span.extracting(droppingFirst: 34))
        let checksum = kind & 15 == 8 ? ~sum.finished : sum.finished
        frame[50] = UInt8(checksum >> 8)
        frame[51] = UInt8(checksum & 255)
        sequence &+= UInt32(byteCount)
        identification &+= 1
        return frame
    }
}

/// Ends the run unless one connection's frames came through, but for what may change: an acknowledgement may be left out
/// for a later one, and joined segments have the last number and window.
private func compare(_ sent: [[UInt8]], _ received: [[UInt8]]) {
    var rest = received[...]
    for frame in sent {
        guard let next = rest.first, isSame(frame, next) else {
            require(frame.count == 54 && frame[47] == 16, "\(frame) is missing")
            continue
        }
        rest.removeFirst()
    }
    require(rest.isEmpty, "\(rest.count) frames too many")
}

private func isSame(_ sent: [UInt8], _ received: [UInt8]) -> Bool {
    guard sent.count == received.count else { return false }
    guard sent.count > 54 else { return sent == received }
    // What an atomic packet's identification is does not matter; the last joined says number, window and so checksum.
    let changing: Set<Int> = [18, 19, 24, 25, 42, 43, 44, 45, 48, 49, 50, 51]
    return sent.indices.allSatisfy { sent[$0] == received[$0] || changing.contains($0) }
}

private struct Piece {
    let bytes: [UInt8]
    let offload: OffloadDescriptor
}

private func pieces(of frame: [UInt8], _ offload: OffloadDescriptor, _ limit: Int?) -> [Piece]? {
    guard let superFrame = try? SuperFrame(parsing: frame.span, offload, packetLimit: limit) else { return nil }
    return (0..<superFrame.count).map { index in
        Piece(
            bytes: [UInt8](capacity: superFrame.byteCount(of: index)) {
                superFrame.write(index, of: frame.span, to: &$0)
            }, offload: superFrame.offload(of: index))
    }
}

/// A frame with its virtio header as it is, or the essence of each datagram of a super-frame that a run has made.
private func parts(of bytes: [UInt8]) -> [[UInt8]] {
    guard bytes.count > 12, bytes[1] == 5, let offload = try? VirtioNetHeader(parsing: bytes.span).offload else {
        return [bytes]
    }
    guard let pieces = pieces(of: Array(bytes[12...]), offload, nil), pieces.count > 1 else { return [bytes] }
    return pieces.map { essence(of: bytes[..<12] + $0.bytes) }
}

/// A datagram without what cutting makes anew: the virtio header, IPv4's identification, checksums.
private func essence(of bytes: [UInt8]) -> [UInt8] {
    var frame = Array(bytes.dropFirst(12))
    guard frame.count >= 42 else { return frame }
    let isIPv4 = frame[12] == 0x08
    guard isIPv4 || frame.count >= 62 else { return frame }
    for offset in isIPv4 ? [18, 19, 24, 25, 40, 41] : [60, 61] { frame[offset] = 0 }
    return frame
}

/// Whether IP header and transport checksum are right, and the packet is all that there is.
private func isRight(_ frame: [UInt8]) -> Bool {
    let packet = frame.span.extracting(droppingFirst: 14)
    var sum = InternetChecksum()
    if let header = try? IPv4Header(parsing: packet) {
        sum.addPseudoHeader(
            source: header.source, destination: header.destination, proto: header.proto, length: header.payloadLength)
        sum.add(packet.extracting(droppingFirst: header.headerLength))
        return Int(header.totalLength) == packet.count && sum.finished == 0
    }
    guard let header = try? IPv6Header(parsing: packet) else { return false }
    sum.addPseudoHeader(
        source: header.source, destination: header.destination, proto: header.nextHeader, length: header.payloadLength)
    sum.add(packet.extracting(droppingFirst: 40))
    return header.payloadLength == packet.count - 40 && sum.finished == 0
}

extension [UInt8] {
    /// Sees to the checksum of an IPv4 header, if it may be one.
    fileprivate mutating func repairHeader() {
        guard count >= 34 else { return }
        let end = 14 + Int(self[14] & 15) * 4
        guard self[12] == 0x08, self[13] == 0, end >= 34, end <= count else { return }
        self[24] = 0
        self[25] = 0
        let checksum = InternetChecksum.of(span.extracting(14..<end))
        self[24] = UInt8(checksum >> 8)
        self[25] = UInt8(checksum & 255)
    }
}
