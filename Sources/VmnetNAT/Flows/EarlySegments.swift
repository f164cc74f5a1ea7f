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
