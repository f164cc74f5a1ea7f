import VmnetTesting
import VmnetWire

/// The guest's end of a TCP connection, without retransmission: the link loses nothing.
final class Connection {
    let guest: Guest
    let local: Endpoint
    let remote: Endpoint
    /// The next number to send.
    var sequence: UInt32
    /// The next number expected.
    private(set) var expected: UInt32 = 0
    /// What has come in order.
    private(set) var received: [UInt8] = []
    /// Bytes of data in the largest segment received.
    private(set) var largestSegment = 0
    /// How segments are to be cut, each way once.
    private(set) var offloads: [OffloadDescriptor] = []
    /// What the peer announced with its SYN.
    private(set) var peerSegmentSize: UInt16?
    /// By how much its windows are shifted, if it has said so.
    private(set) var peerScale: UInt8?
    /// Whether it takes selective acknowledgements, and those of its last segment.
    private(set) var peerPermitsSACK = false
    private(set) var blocks: [SelectiveAcknowledgementOption.Block] = []
    /// The options of the SYN.
    var options: [UInt8] = [2, 4, 0x05, 0xb4]
    private(set) var isReset = false
    private(set) var isFinished = false
    /// The highest number the peer has acknowledged.
    private(set) var acknowledged: UInt32 = 0
    private(set) var peerWindow: UInt16 = 0
    /// Acknowledgements in a row without anything else.
    private(set) var repetitions = 0
    /// Frames with data that are lost on their way to the guest.
    var lossCount = 0
    var window: UInt16 = 65535
    private var isOpen = false
    /// Nothing from this number on is acknowledged, although it is received.
    var acknowledgementLimit: UInt32?

    convenience init(_ guest: Guest, from port: UInt16, to remote: Endpoint, sequence: UInt32 = 1000) {
        self.init(guest, from: guest.endpoint(port), to: remote, sequence: sequence)
    }

    init(_ guest: Guest, from local: Endpoint, to remote: Endpoint, sequence: UInt32 = 1000) {
        self.guest = guest
        self.local = local
        self.remote = remote
        self.sequence = sequence
    }

    /// Opens the connection; false when it is refused or nothing answers.
    @discardableResult
    func open() -> Bool {
        guest.send(segment(.syn, options: options))
        sequence &+= 1
        acknowledged = sequence
        guest.run {
            handle()
            return isOpen || isReset
        }
        guard isOpen else { return false }
        guest.send(segment(.ack))
        return true
    }

    /// Answers a SYN of the peer's.
    func answer(_ syn: TCPHeader, options: [UInt8]) {
        expected = syn.sequence &+ 1
        guest.send(segment([.syn, .ack], options: options))
        sequence &+= 1
        isOpen = true
    }

    func segment(
        _ flags: TCPHeader.Flags, _ data: [UInt8] = [], at number: UInt32? = nil, options: [UInt8] = [],
        checksum: FrameBuilder.Checksum = .correct
    ) -> [UInt8] {
        var acknowledgement = expected
        if let limit = acknowledgementLimit, Int32(bitPattern: expected &- limit) > 0 { acknowledgement = limit }
        return guest.builder.tcp(
            from: local, to: remote, flags: flags, sequence: number ?? sequence, acknowledgement: acknowledgement,
            window: window, options: options, checksum: checksum, payload: data)
    }

    /// Sends data as one segment.
    func send(_ data: [UInt8], flags: TCPHeader.Flags = [.ack, .psh]) {
        let frame = segment(flags, data)
        sequence &+= UInt32(data.count)
        guest.send(frame)
        handle()
    }

    func finish() {
        guest.send(segment([.fin, .ack]))
        sequence &+= 1
    }

    /// Says that what is lost is expected, and which bytes behind it have come, the newest first.
    func acknowledge(_ blocks: [Range<Int>], lost: Range<Int>) {
        expected = UInt32(lost.lowerBound)
        let options = [UInt8](capacity: SelectiveAcknowledgementOption.byteCount(ofBlocks: blocks.count)) {
            SelectiveAcknowledgementOption.write(
                blocks.map { .init(start: UInt32($0.lowerBound), end: UInt32($0.upperBound)) }, to: &$0)
        }
        guest.send(segment(.ack, options: options))
    }

    /// Takes in what has come from the NAT, and acknowledges it.
    func handle() {
        for (frame, offload) in guest.takeWithOffload() {
            guard let segment = Packet.segment(in: frame), let header = try? TCPHeader(parsing: segment.span),
                header.destinationPort == local.port, header.sourcePort == remote.port
            else { continue }
            if !offload.isNone, !offloads.contains(offload) { offloads.append(offload) }
            if header.flags.contains(.syn),
                let option = MaximumSegmentSizeOption.offset(in: segment.span, header)
            {
                peerSegmentSize = segment.span.be16(at: option)
                peerScale = WindowScaleOption.shift(in: segment.span, header)
                peerPermitsSACK = SelectiveAcknowledgementOption.isPermitted(in: segment.span, header)
            }
            blocks = SelectiveAcknowledgementOption.blocks(in: segment.span, header)
            handle(header, Array(segment[header.headerLength...]))
        }
    }

    private func handle(_ header: TCPHeader, _ data: [UInt8]) {
        if header.flags.contains(.rst) { return isReset = true }
        // What is older than all that was expected says nothing (RFC 9293, 3.10.7.4).
        if data.isEmpty, isOpen, Int32(bitPattern: header.sequence &- expected) < 0 { return }
        repetitions = data.isEmpty && header.acknowledgement == acknowledged ? repetitions + 1 : 0
        acknowledged = header.acknowledgement
        peerWindow = header.window
        if header.flags.contains(.syn) {
            isOpen = true
            expected = header.sequence &+ 1
            return
        }
        if !data.isEmpty, lossCount > 0 {
            lossCount -= 1
            return
        }
        // What follows a loss, or comes twice, is answered with what is expected.
        if header.sequence != expected, !data.isEmpty {
            guest.send(segment(.ack))
            return
        }
        guard header.sequence == expected, !data.isEmpty || header.flags.contains(.fin) else { return }
        received += data
        largestSegment = max(largestSegment, data.count)
        expected &+= UInt32(data.count)
        if header.flags.contains(.fin) {
            expected &+= 1
            isFinished = true
        }
        guest.send(segment(.ack))
    }

    /// Runs the loop, taking in what comes, until `condition`.
    @discardableResult
    func run(until condition: () -> Bool) -> Bool {
        guest.run {
            handle()
            return condition()
        }
    }
}
