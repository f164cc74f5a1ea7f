import VmnetWire

/// Segments of the guest that came before their turn, kept until what is missing has come. libslirp sees segments in order
/// only (see `TCPFlow`); without this, all that follows a lost segment would have to be sent again, one round trip each.
///
/// Bounded for the guest as a whole: the oldest makes room for the newest. What nobody asks for any more goes that way.
struct EarlySegments {
    struct Segment {
        let flow: GuestFlow
        let segment: TCPSegment
        /// From the Ethernet header to the end of the IP packet.
        let frame: [UInt8]
    }

    /// Frames, and bytes of frames, of a whole window and more.
    static let maximumCount = 512
    static let maximumByteCount = 1 << 20

    private var segments: [Segment] = []
    private var byteCount = 0

    var isEmpty: Bool { segments.isEmpty }

    mutating func insert(_ frame: Span<UInt8>, _ flow: GuestFlow, _ segment: TCPSegment) {
        // Sent once more while it waits.
        guard !segments.contains(where: { $0.segment == segment && $0.flow.key == flow.key }) else { return }
        byteCount += flow.byteCount
        segments.append(
            Segment(flow: flow, segment: segment, frame: [UInt8](copying: frame.extracting(first: flow.byteCount))))
        while segments.count > Self.maximumCount || byteCount > Self.maximumByteCount { remove(at: 0) }
    }

    /// Takes a segment whose turn it is, when everything before `sequence` has come.
    mutating func take(of key: FlowKey, at sequence: UInt32) -> Segment? {
        let index = segments.firstIndex {
            Int32(bitPattern: $0.segment.sequence &- sequence) <= 0 && $0.flow.key == key
        }
        guard let index else { return nil }
        return remove(at: index)
    }

    /// What has come of a connection behind gaps, that with the newest segment first (RFC 2018, section 4); as many blocks as
    /// an option has room for.
    func blocks(of key: FlowKey) -> [SelectiveAcknowledgementOption.Block] {
        var blocks: [SelectiveAcknowledgementOption.Block] = []
        for segment in segments.reversed() where segment.flow.key == key && segment.segment.payloadLength > 0 {
            var block = SelectiveAcknowledgementOption.Block(
                start: segment.segment.sequence, end: segment.segment.end)
            var place: Int?
            for index in blocks.indices.reversed() where blocks[index].touches(block) {
                block.join(blocks[index])
                blocks.remove(at: index)
                place = index
            }
            blocks.insert(block, at: place ?? blocks.count)
        }
        return Array(blocks.prefix(SelectiveAcknowledgementOption.maximumBlockCount))
    }

    /// Forgets what was kept of a connection.
    mutating func removeAll(of key: FlowKey) {
        segments.removeAll { $0.flow.key == key }
        byteCount = segments.reduce(0) { $0 + $1.flow.byteCount }
    }

    mutating func removeAll() {
        self = EarlySegments()
    }

    @discardableResult
    private mutating func remove(at index: Int) -> Segment {
        let segment = segments.remove(at: index)
        byteCount -= segment.flow.byteCount
        return segment
    }
}

extension SelectiveAcknowledgementOption.Block {
    /// Whether nothing is missing between the two.
    fileprivate func touches(_ other: Self) -> Bool {
        Int32(bitPattern: other.start &- end) <= 0 && Int32(bitPattern: start &- other.end) <= 0
    }

    /// Takes in the other's bytes.
    fileprivate mutating func join(_ other: Self) {
        if Int32(bitPattern: other.start &- start) < 0 { start = other.start }
        if Int32(bitPattern: other.end &- end) > 0 { end = other.end }
    }
}
