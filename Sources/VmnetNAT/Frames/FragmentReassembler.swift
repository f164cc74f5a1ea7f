import VmnetSwitch
import VmnetWire

/// Puts IPv4 datagrams together (RFC 791, 3.2; RFC 815) in front of libslirp, whose own reassembly knows no limit.
///
/// A datagram with overlapping fragments, or two ideas of its length, is dropped as a whole (as RFC 5722 asks of IPv6).
/// When a limit is reached the oldest datagram goes: a guest can only hurt itself.
struct FragmentReassembler {
    /// RFC 1122, 3.3.2 asks for 60 to 120 seconds; on a link that does not lose fragments, half a minute is long.
    static let lifetimeMilliseconds: Int64 = 30_000
    static let maximumDatagrams = 32
    /// Bytes of all datagrams together.
    static let maximumBytes = 1 << 20
    /// What an IPv4 packet's payload can be.
    private static let maximumPayload = 65535 - IPv4Header.byteCount

    enum Outcome: Equatable {
        case incomplete
        /// The whole frame: the first fragment's Ethernet header, an IPv4 header without fragment fields, the payload.
        case complete([UInt8])
        case drop
    }

    fileprivate struct Key: Equatable {
        let source: IPv4Address
        let destination: IPv4Address
        let identification: UInt16
        let proto: IPProtocol
    }

    fileprivate struct Datagram {
        let key: Key
        let started: Int64
        /// In the order they came; they do not overlap.
        var pieces: [(offset: Int, bytes: [UInt8])] = []
        /// One bit for each eight bytes received.
        var received: [UInt64] = []
        var receivedByteCount = 0
        /// Where the farthest piece ends.
        var end = 0
        /// Known from the last fragment on.
        var totalByteCount: Int?
        /// What it takes of the limit.
        var heldByteCount = 0
    }

    /// What a fragment costs besides its bytes: an array's header and its place in a list.
    private static let pieceOverhead = 64

    /// Oldest first.
    private var datagrams: [Datagram] = []
    /// Of all datagrams.
    private(set) var heldByteCount = 0

    var isEmpty: Bool { datagrams.isEmpty }

    /// When the oldest datagram is to be given up.
    var deadline: NATTime? {
        datagrams.first.map { NATTime(nanoseconds: $0.started).adding(milliseconds: Self.lifetimeMilliseconds) }
    }

    /// Gives up datagrams that have waited too long.
    mutating func expire(now: NATTime) {
        while let deadline, deadline.nanoseconds <= now.nanoseconds { remove(at: 0) }
    }

    /// Takes in one fragment. `header` was parsed from `frame`, behind its Ethernet header, and has no options.
    mutating func insert(_ frame: Span<UInt8>, _ header: IPv4Header, now: NATTime) -> Outcome {
        expire(now: now)
        let payload = frame.extracting(
            (EthernetHeader.byteCount + IPv4Header.byteCount)..<(EthernetHeader.byteCount + Int(header.totalLength)))
        let end = header.fragmentOffset + payload.count
        guard payload.count > 0, end <= Self.maximumPayload, !header.moreFragments || payload.count.isMultiple(of: 8)
        else { return .drop }
        let key = Key(
            source: header.source, destination: header.destination, identification: header.identification,
            proto: header.proto)
        let index = index(of: key, now: now)
        guard store(payload, header, at: index) else {
            remove(at: index)
            return .drop
        }
        guard datagrams[index].receivedByteCount == datagrams[index].totalByteCount else {
            makeRoom(keeping: key)
            return .incomplete
        }
        defer { remove(at: index) }
        return .complete(assemble(datagrams[index].pieces, header, like: frame))
    }

    private mutating func index(of key: Key, now: NATTime) -> Int {
        if let known = datagrams.firstIndex(where: { $0.key == key }) { return known }
        if datagrams.count >= Self.maximumDatagrams { remove(at: 0) }
        datagrams.append(Datagram(key: key, started: now.nanoseconds))
        return datagrams.count - 1
    }

    /// False when the fragment contradicts the others.
    private mutating func store(_ payload: Span<UInt8>, _ header: IPv4Header, at index: Int) -> Bool {
        let start = header.fragmentOffset
        let end = start + payload.count
        if !header.moreFragments {
            guard datagrams[index].totalByteCount == nil, datagrams[index].end <= end else { return false }
            datagrams[index].totalByteCount = end
        } else if let total = datagrams[index].totalByteCount, end > total {
            return false
        }
        guard datagrams[index].markReceived(start / 8..<(end + 7) / 8) else { return false }
        datagrams[index].end = max(datagrams[index].end, end)
        datagrams[index].pieces.append((start, Array(copying: payload)))
        datagrams[index].receivedByteCount += payload.count
        let cost = payload.count + Self.pieceOverhead
        datagrams[index].heldByteCount += cost
        heldByteCount += cost
        return true
    }

    private mutating func makeRoom(keeping key: Key) {
        while heldByteCount > Self.maximumBytes, let oldest = datagrams.firstIndex(where: { $0.key != key }) {
            remove(at: oldest)
        }
    }

    private mutating func remove(at index: Int) {
        heldByteCount -= datagrams.remove(at: index).heldByteCount
    }

    private func assemble(
        _ pieces: [(offset: Int, bytes: [UInt8])], _ fragment: IPv4Header, like frame: Span<UInt8>
    ) -> [UInt8] {
        let pieces = pieces.sorted { $0.offset < $1.offset }
        let header = IPv4Header(
            proto: fragment.proto, source: fragment.source, destination: fragment.destination,
            payloadLength: pieces.reduce(0) { $0 + $1.bytes.count }, identification: fragment.identification,
            dontFragment: false, timeToLive: fragment.timeToLive, typeOfService: fragment.typeOfService)
        return [UInt8](capacity: EthernetHeader.byteCount + Int(header.totalLength)) { output in
            output.append(frame.extracting(first: EthernetHeader.byteCount))
            header.write(to: &output)
            for piece in pieces { output.append(piece.bytes.span) }
        }
    }
}

extension FragmentReassembler.Datagram {
    /// Marks blocks of eight bytes as received; false when one of them was before.
    fileprivate mutating func markReceived(_ blocks: Range<Int>) -> Bool {
        while received.count * 64 < blocks.upperBound { received.append(0) }
        for block in blocks {
            let bit: UInt64 = 1 << UInt64(block & 63)
            guard received[block >> 6] & bit == 0 else { return false }
            received[block >> 6] |= bit
        }
        return true
    }
}
