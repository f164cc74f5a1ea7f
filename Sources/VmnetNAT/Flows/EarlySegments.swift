import VmnetWire

/// Segments of the guest that came before their turn, kept until what is missing has come. libslirp sees segments in order
/// only (see `TCPFlow`); without this, all that follows a lost segment would have to be sent again, one round trip each.
///
/// Bounded for the guest as a whole: the oldest makes room for the newest. What nobody asks for any more goes that way, or
/// when nothing has come or gone for a while.
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
    private var isIdle = true

    var isEmpty: Bool { segments.isEmpty }

    func contains(_ key: FlowKey) -> Bool { segments.contains { $0.flow.key == key } }

    mutating func insert(_ frame: Span<UInt8>, _ flow: GuestFlow, _ segment: TCPSegment) {
        // Sent once more while it waits.
        guard !segments.contains(where: { $0.segment == segment && $0.flow.key == flow.key }) else { return }
        isIdle = false
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
        // In the stream's order, each with its place among all that has come: a guest that leaves as many gaps as it can has
        // no more looked at than another.
        var runs: [(block: SelectiveAcknowledgementOption.Block, newest: Int)] = []
        for run in arrivals(of: key) {
            if let last = runs.indices.last, runs[last].block.touches(run.block) {
                runs[last].block.join(run.block)
                runs[last].newest = max(runs[last].newest, run.newest)
            } else {
                runs.append(run)
            }
        }
        runs.sort { $0.newest > $1.newest }
        return runs.prefix(SelectiveAcknowledgementOption.maximumBlockCount).map(\.block)
    }

    /// What has come of a connection, by where it begins.
    private func arrivals(of key: FlowKey) -> [(block: SelectiveAcknowledgementOption.Block, newest: Int)] {
        var arrivals: [(block: SelectiveAcknowledgementOption.Block, newest: Int)] = []
        for (index, early) in segments.enumerated() where early.flow.key == key && early.segment.payloadLength > 0 {
            arrivals.append(
                (SelectiveAcknowledgementOption.Block(start: early.segment.sequence, end: early.segment.end), index))
        }
        return arrivals.sorted { Int32(bitPattern: $0.block.start &- $1.block.start) < 0 }
    }

    /// Forgets what was kept of a connection.
    mutating func removeAll(of key: FlowKey) {
        segments.removeAll { $0.flow.key == key }
        byteCount = segments.reduce(0) { $0 + $1.flow.byteCount }
    }

    mutating func removeAll() {
        self = EarlySegments()
    }

    /// Forgets everything, unless something has come or gone since this was last asked for.
    mutating func removeIdle() {
        if isIdle { removeAll() }
        isIdle = true
    }

    @discardableResult
    private mutating func remove(at index: Int) -> Segment {
        isIdle = false
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
