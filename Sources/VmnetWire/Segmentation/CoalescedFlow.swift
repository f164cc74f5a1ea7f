/// What the coalescer holds of one connection and direction, but for the bytes.
struct CoalescedFlow {
    private var isIPv6 = false
    private var transportOffset = 0
    private var payloadOffset = 0
    /// Payload bytes of the first segment; 0 for an acknowledgement.
    private var segmentSize = 0
    private var segments = 0
    private(set) var byteCount = 0
    private var nextSequence: UInt32 = 0
    private var acknowledgement: UInt32 = 0
    private var window: UInt16 = 0
    /// Of the last segment.
    private var identification: UInt16 = 0
    private var isPushed = false
    private var isShort = false
    private var pseudoSum = InternetChecksum()
    private var payloadSum = InternetChecksum()
    /// For its age.
    private(set) var begun: UInt32 = 0

    init() {}

    /// An empty flow, for `segment` to begin.
    init(_ segment: CoalescerSegment, begun: UInt32) {
        isIPv6 = segment.isIPv6
        transportOffset = segment.transportOffset
        payloadOffset = segment.payloadOffset
        segmentSize = segment.payloadByteCount
        nextSequence = segment.header.sequence
        pseudoSum = segment.pseudoSum
        self.begun = begun
    }

    /// Whether nothing may follow.
    var isComplete: Bool { isPushed || isShort }

    /// Whether numbers and sizes let `segment` follow; the rest of its headers is compared apart.
    @inline(__always)
    func takes(_ segment: CoalescerSegment) -> Bool {
        let header = segment.header
        guard segment.payloadOffset == payloadOffset, segment.isIPv6 == isIPv6, header.sequence == nextSequence else {
            return false
        }
        let advance = Int32(bitPattern: header.acknowledgement &- acknowledgement)
        switch segment.kind {
        case .other: return false
        // The same number again is a sign of loss (RFC 5681, 2), and a closed window opens with one.
        case .acknowledgement: return segmentSize == 0 && advance > 0
        case .data:
            guard segmentSize > 0, segment.payloadByteCount <= segmentSize, advance >= 0,
                (header.window == 0) == (window == 0), segments < SuperFrameHeaders.maximumSegments,
                segment.isAtomic || segment.identification == identification &+ 1
            else { return false }
            return byteCount &+ segment.payloadByteCount <= EthernetHeader.byteCount + Coalescer.packetLimit
        }
    }

    /// Adds a segment that has been written; the frame has `byteCount` bytes with it.
    @inline(__always)
    mutating func add(_ segment: CoalescerSegment, payloadSum: UInt16, byteCount: Int) {
        let isOdd = segments > 0 && (self.byteCount &- payloadOffset) & 1 != 0
        self.payloadSum.add(isOdd ? payloadSum.byteSwapped : payloadSum)
        self.byteCount = byteCount
        segments &+= 1
        nextSequence = segment.header.sequence &+ UInt32(truncatingIfNeeded: segment.payloadByteCount)
        acknowledgement = segment.header.acknowledgement
        window = segment.header.window
        identification = segment.identification
        isPushed = segment.header.flags.contains(.psh)
        isShort = segment.payloadByteCount < segmentSize
    }

    /// What is left to do to the frame.
    var offload: OffloadDescriptor {
        guard segmentSize > 0, segments > 1 else { return .none }
        return OffloadDescriptor(
            segmentation: isIPv6 ? .tcpv6 : .tcpv4, segmentSize: UInt16(truncatingIfNeeded: segmentSize),
            headerLength: UInt16(truncatingIfNeeded: payloadOffset))
    }

    /// Brings the headers of the first segment up to date with those that followed.
    func finish(_ frame: inout MutableSpan<UInt8>) {
        guard segmentSize > 0, segments > 1 else { return }
        let ip = EthernetHeader.byteCount
        if isIPv6 {
            frame.store(be16: UInt16(truncatingIfNeeded: byteCount &- transportOffset), at: ip + 4)
        } else {
            frame.store(be16: UInt16(truncatingIfNeeded: byteCount &- ip), at: ip + 2)
            frame.store(be16: 0, at: ip + 10)
            frame.store(be16: InternetChecksum.of(frame.span.extracting(ip..<transportOffset)), at: ip + 10)
        }
        frame.store(be32: acknowledgement, at: transportOffset &+ 8)
        if isPushed { frame[transportOffset &+ 13] |= TCPHeader.Flags.psh.rawValue }
        frame.store(be16: window, at: transportOffset &+ 14)
        frame.store(be16: 0, at: transportOffset &+ TCPHeader.checksumOffset)
        var sum = pseudoSum
        sum.add(UInt32(truncatingIfNeeded: byteCount &- transportOffset))
        sum.add(frame.span.extracting(transportOffset..<payloadOffset))
        sum.add(payloadSum.folded)
        frame.store(be16: sum.finished, at: transportOffset &+ TCPHeader.checksumOffset)
    }
}
