import Testing
import VmnetTesting
import VmnetWire

@Suite struct CoalescerTests {
    private let guest = FrameBuilder(from: "52:54:00:12:34:56", to: "52:54:00:00:00:01")

    @Test func `full-sized segments in order become one, with the last acknowledgement and window`() throws {
        var flow = Flow(guest)
        var segments = (0..<5).map { _ in flow.next(1460) }
        flow.acknowledgement += 10
        flow.window = 400
        segments.append(flow.next(1460))
        let joined = coalesce(segments)
        #expect(joined.count == 1)
        #expect(joined[0].offload.segmentation == .tcpv4)
        #expect(joined[0].offload.segmentSize == 1460)
        #expect(joined[0].offload.headerLength == 54)
        #expect(!joined[0].offload.needsChecksum)
        #expect(joined[0].bytes.count == 54 + 6 * 1460)
        let frame = joined[0].bytes
        let header = try TCPHeader(parsing: frame.span.extracting(droppingFirst: 34))
        #expect(header.acknowledgement == flow.acknowledgement)
        #expect(header.window == 400)
        #expect(hasRightChecksums(frame))
    }

    @Test(arguments: [false, true], [0, 12])
    func `what is joined is cut again into what came in`(isIPv6: Bool, optionByteCount: Int) throws {
        var random = SeededGenerator(seed: 9)
        for _ in 0..<50 {
            var flow = Flow(guest, isIPv6: isIPv6)
            flow.options = random.bytes(optionByteCount)
            let size = Int.random(in: 1...1460, using: &random)
            var segments = (0..<Int.random(in: 1...60, using: &random)).map { _ in
                flow.next(size, fill: random.bytes(size))
            }
            if Bool.random(using: &random) {
                segments.append(flow.next(Int.random(in: 1...size, using: &random), flags: [.ack, .psh]))
            }
            let joined = coalesce(segments)
            #expect(joined.count <= 1 + segments.count * size / 60_000)
            #expect(try joined.flatMap { try $0.cut } == segments)
            #expect(joined.allSatisfy { hasRightChecksums($0.bytes) && $0.bytes.count <= 14 + 65535 })
        }
    }

    @Test func `a push, a short segment and the largest packet end a super-frame`() throws {
        var flow = Flow(guest)
        let pushed = [flow.next(1000), flow.next(1000, flags: [.ack, .psh]), flow.next(1000)]
        #expect(coalesce(pushed).map(\.segments) == [2, 1])
        let short = [flow.next(1000), flow.next(1000), flow.next(999), flow.next(1000)]
        #expect(coalesce(short).map(\.segments) == [3, 1])
        let longer = [flow.next(1000), flow.next(1001), flow.next(1001)]
        #expect(coalesce(longer).map(\.segments) == [1, 2])
        // 65 of 1000 bytes and the headers.
        let many = (0..<70).map { _ in flow.next(1000) }
        #expect(coalesce(many).map(\.segments) == [65, 5])
        let tiny = (0..<1500).map { _ in flow.next(1) }
        #expect(coalesce(tiny).map(\.segments) == [1024, 476])
    }

    @Test func `a pushed segment by itself is not held`() {
        var flow = Flow(guest)
        var coalescer = Coalescer()
        var delivered: [[UInt8]] = []
        let segment = flow.next(100, flags: [.ack, .psh])
        coalescer.take(segment.span) { frame, _ in delivered.append([UInt8](copying: frame)) }
        #expect(delivered == [segment])
    }

    @Test func `what its sender has joined or left to be done goes on as it is, behind what came before it`() {
        var flow = Flow(guest)
        var coalescer = Coalescer()
        var delivered: [(byteCount: Int, offload: OffloadDescriptor)] = []
        let partial = OffloadDescriptor(needsChecksum: true, checksumStart: 34, checksumOffset: 16)
        for offload in [OffloadDescriptor.none, .none, partial, .none] {
            coalescer.take(flow.next(1000).span, offload) { delivered.append(($0.count, $1)) }
        }
        #expect(delivered.map(\.byteCount) == [2054, 1054])
        #expect(delivered.map(\.offload.needsChecksum) == [false, true])
        coalescer.flush { frame, _ in #expect(frame.count == 1054) }
    }

    @Test func `what differs in any header goes on by itself, behind what came before it`() {
        typealias Change = (inout Flow) -> Void
        let changes: [Change] = [
            { $0.sequence += 1 }, { $0.sequence -= 1 }, { $0.acknowledgement -= 1 }, { $0.window = 0 },
            { $0.options = [1, 1, 1, 1] }, { $0.timeToLive = 63 }, { $0.typeOfService = 4 },
            { $0.dontFragment = false }, { $0.builder.source = "52:54:00:00:00:09" },
        ]
        for change in changes {
            var flow = Flow(guest)
            var segments = [flow.next(1000), flow.next(1000)]
            change(&flow)
            segments.append(flow.next(1000))
            let joined = coalesce(segments)
            #expect(joined.map(\.segments) == [2, 1])
            #expect(joined.last?.bytes == segments[2])
        }
        let flags: [TCPHeader.Flags] = [
            [.ack, .fin], [.ack, .syn], [.ack, .rst], [.ack, .urg], [.ack, .ece], [.ack, .cwr], [], .psh,
        ]
        for flags in flags {
            var flow = Flow(guest)
            let segments = [flow.next(1000), flow.next(1000), flow.next(1000, flags: flags), flow.next(1000)]
            #expect(coalesce(segments).map(\.segments) == [2, 1, 1])
        }
    }

    @Test func `identifications must count where they mean something`() {
        var flow = Flow(guest)
        flow.dontFragment = false
        var segments = [flow.next(1000), flow.next(1000)]
        flow.identification += 1
        segments.append(flow.next(1000))
        #expect(coalesce(segments).map(\.segments) == [2, 1])
        flow.dontFragment = true
        segments = [flow.next(1000), flow.next(1000)]
        flow.identification = 0
        segments.append(flow.next(1000))
        #expect(coalesce(segments).map(\.segments) == [3])
    }

    @Test func `a segment with a wrong checksum goes on as it is, and nothing is joined over it`() {
        for place in 0..<3 {
            var flow = Flow(guest)
            var segments = (0..<3).map { _ in flow.next(1000) }
            segments[place][200] ^= 1
            let joined = coalesce(segments)
            #expect(joined.contains { $0.bytes == segments[place] && $0.offload == .none })
            #expect(joined.reduce(0) { $0 + $1.segments } == 3)
            #expect(joined.count { hasRightChecksums($0.bytes) } == joined.count - 1)
        }
        // A wrong header checksum is the receiver's business too.
        var flow = Flow(guest)
        var segments = (0..<3).map { _ in flow.next(1000) }
        segments[1][24] ^= 1
        #expect(coalesce(segments).map(\.bytes) == segments)
    }

    @Test func `several connections are joined at once, each in its order`() throws {
        var flows = (0..<8).map { Flow(guest, isIPv6: $0.isMultiple(of: 3), port: UInt16($0)) }
        var segments: [[UInt8]] = []
        for _ in 0..<20 { for index in flows.indices { segments.append(flows[index].next(1400)) } }
        #expect(coalesce(segments).map(\.segments) == [Int](repeating: 20, count: 8))
    }

    @Test func `one connection more than there is room for sends on the oldest`() throws {
        var flows = (0..<9).map { Flow(guest, port: UInt16($0)) }
        let segments = flows.indices.map { flows[$0].next(100) }
        var coalescer = Coalescer()
        var delivered: [[UInt8]] = []
        for segment in segments {
            coalescer.take(segment.span) { frame, _ in delivered.append([UInt8](copying: frame)) }
        }
        #expect(delivered == [segments[0]])
        coalescer.flush { frame, _ in delivered.append([UInt8](copying: frame)) }
        #expect(delivered == segments)
    }

    @Test func `of acknowledgements that only advance the last goes on`() {
        var flow = Flow(guest)
        let frames = (0..<10).map { _ in flow.acknowledge(1460) }
        #expect(coalesce(frames).map(\.bytes) == [frames[9]])
        // Timestamps that are equal say nothing either.
        flow.options = [1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2]
        let stamped = (0..<3).map { _ in flow.acknowledge(1460) }
        #expect(coalesce(stamped).map(\.bytes) == [stamped[2]])
    }

    @Test func `acknowledgements that say something else all go on`() {
        typealias Change = (inout Flow) -> Void
        let changes: [Change] = [
            { $0.acknowledgement -= 1 }, { $0.acknowledgement -= 2 }, { $0.window = 0 }, { $0.sequence += 1 },
            { $0.options = [1, 1, 5, 10, 0, 0, 0, 1, 0, 0, 0, 2] },
            { $0.options = [1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 3] }, { $0.typeOfService = 4 },
        ]
        for change in changes {
            var flow = Flow(guest)
            var frames = [flow.acknowledge(1)]
            change(&flow)
            frames.append(flow.acknowledge(1))
            #expect(coalesce(frames).map(\.bytes) == frames)
        }
        for flags: TCPHeader.Flags in [[.ack, .fin], [.ack, .rst], [.ack, .ece], [.ack, .syn]] {
            var flow = Flow(guest)
            let frames = [flow.acknowledge(1), flow.next(0, flags: flags), flow.acknowledge(1)]
            #expect(coalesce(frames).map(\.bytes) == frames)
        }
    }

    @Test func `a wrong acknowledgement takes no place of a right one`() {
        var flow = Flow(guest)
        var frames = [flow.acknowledge(1), flow.acknowledge(1)]
        frames[1][45] ^= 0x40
        #expect(Set(coalesce(frames).map(\.bytes)) == Set(frames))
    }

    @Test func `data and acknowledgements of one connection keep their order`() {
        var flow = Flow(guest)
        let frames = [
            flow.acknowledge(1), flow.next(100), flow.acknowledge(1), flow.next(100), flow.next(100),
        ]
        let joined = coalesce(frames)
        #expect(joined.map(\.segments) == [1, 1, 1, 2])
        #expect(joined.prefix(3).map(\.bytes) == frames.prefix(3).map { $0 })
    }

    @Test func `what is no segment overtakes nothing that it may belong to`() throws {
        var flow = Flow(guest)
        let first = flow.next(1000)
        var fragment = try IPv4Header(parsing: first.span.extracting(droppingFirst: 14))
        fragment.moreFragments = true
        let piece = guest.ipv4(fragment, payload: Array(first[34...]))
        let optioned = guest.ipv4(
            try IPv4Header(parsing: first.span.extracting(droppingFirst: 14)), options: [1, 1, 1, 1],
            payload: Array(first[34...]))
        let cut = guest.ipv4(
            IPv4Header(proto: .tcp, source: "10.0.0.1", destination: "10.0.0.2", payloadLength: 10),
            payload: [UInt8](repeating: 0, count: 10))
        for obscure in [piece, optioned, cut] {
            #expect(coalesce([first, obscure]).map(\.bytes) == [first, obscure])
        }
        let unrelated = guest.udp(from: "10.0.0.1:1", to: "10.0.0.2:2", payload: [1, 2, 3])
        #expect(coalesce([first, unrelated]).map(\.bytes) == [unrelated, first])
    }

    @Test func `padding of a short frame is left out`() {
        var flow = Flow(guest)
        let frames = [flow.acknowledge(1), flow.acknowledge(1)]
        #expect(coalesce(frames.map { $0 + [0, 0, 0, 0, 0, 0] }).map(\.bytes) == [frames[1]])
        let data = [flow.next(3), flow.next(3)]
        #expect(coalesce(data.map { $0 + [9, 9, 9] }).map { $0.bytes.count } == [60])
    }

    @Test(arguments: 0..<30 as Range<UInt64>)
    func `each connection's bytes come out as they went in, whatever the batch`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var flows = (0..<12).map { Flow(guest, isIPv6: $0.isMultiple(of: 2), port: UInt16($0)) }
        var segments: [[UInt8]] = []
        for _ in 0..<300 {
            let index = Int.random(in: 0..<flows.count, using: &random)
            switch Int.random(in: 0..<10, using: &random) {
            case 0: flows[index].sequence &+= 1
            case 1: segments.append(flows[index].acknowledge(3))
            case 2: segments.append(flows[index].next(.random(in: 0...200, using: &random)))
            case 3: segments.append(flows[index].next(100, flags: [.ack, .psh]))
            case 4:
                var damaged = flows[index].next(100)
                // Behind addresses and ports: with others it would belong to another connection.
                damaged[.random(in: 58..<damaged.count, using: &random)] ^= 8
                segments.append(damaged)
            default: segments.append(flows[index].next(100))
            }
        }
        let joined = coalesce(segments)
        #expect(joined.count < segments.count)
        let out = try joined.flatMap { try $0.cut }
        // Whoever is not an acknowledgement that another repeats comes out, and in order among its like.
        for flow in flows {
            func own(_ frames: [[UInt8]]) -> [[UInt8]] {
                frames.filter { $0.count > 74 && $0.port == flow.port }
            }
            let isTheSame = own(out) == own(segments)
            #expect(isTheSame, "port \(flow.port)")
        }
    }

    private func coalesce(_ frames: [[UInt8]]) -> [Joined] {
        var coalescer = Coalescer()
        var joined: [Joined] = []
        for frame in frames {
            coalescer.take(frame.span) { joined.append(Joined(bytes: [UInt8](copying: $0), offload: $1)) }
        }
        coalescer.flush { joined.append(Joined(bytes: [UInt8](copying: $0), offload: $1)) }
        return joined
    }
}

private struct Joined {
    let bytes: [UInt8]
    let offload: OffloadDescriptor

    /// The frames that it stands for.
    var cut: [[UInt8]] { get throws { offload == .none ? [bytes] : try pieces(of: bytes, offload) } }

    var segments: Int {
        guard offload != .none else { return 1 }
        let size = Int(offload.segmentSize)
        return (bytes.count - Int(offload.headerLength) + size - 1) / size
    }
}

extension [UInt8] {
    /// The source port, of a frame of TCP without IPv4 options.
    fileprivate var port: UInt16 { span.be16(at: self[12] == 0x08 ? 34 : 54) }
}

/// Whether IP and TCP checksum are right, as a receiver sees it.
private func hasRightChecksums(_ frame: [UInt8]) -> Bool {
    let packet = frame.span.extracting(droppingFirst: 14)
    var sum = InternetChecksum()
    if let header = try? IPv4Header(parsing: packet) {
        sum.addPseudoHeader(
            source: header.source, destination: header.destination, proto: .tcp, length: header.payloadLength)
        sum.add(packet.extracting(20..<Int(header.totalLength)))
    } else if let header = try? IPv6Header(parsing: packet) {
        sum.addPseudoHeader(
            source: header.source, destination: header.destination, proto: .tcp, length: header.payloadLength)
        sum.add(packet.extracting(40..<(40 + header.payloadLength)))
    } else {
        return false
    }
    return sum.finished == 0
}

/// One direction of a connection, as its sender writes it.
private struct Flow {
    var builder: FrameBuilder
    let isIPv6: Bool
    let port: UInt16
    var sequence: UInt32 = 0xffff_f000
    var acknowledgement: UInt32 = 1000
    var window: UInt16 = 500
    var options: [UInt8] = []
    var timeToLive: UInt8 = 64
    var typeOfService: UInt8 = 0
    var dontFragment = true
    var identification: UInt16 = 0xfff0

    init(_ builder: FrameBuilder, isIPv6: Bool = false, port: UInt16 = 1) {
        self.builder = builder
        self.isIPv6 = isIPv6
        self.port = port
    }

    mutating func next(_ byteCount: Int, flags: TCPHeader.Flags = .ack, fill: [UInt8]? = nil) -> [UInt8] {
        let payload = fill ?? (0..<byteCount).map { UInt8(truncatingIfNeeded: $0 &* 13 &+ Int(sequence & 255)) }
        defer {
            sequence &+= UInt32(byteCount)
            identification &+= 1
        }
        let from = isIPv6 ? Endpoint("fd00::1" as IPv6Address, port) : Endpoint("10.0.0.1" as IPv4Address, port)
        let segment = builder.tcp(
            from: from, to: isIPv6 ? "[fd00::2]:80" : "10.0.0.2:80", flags: flags, sequence: sequence,
            acknowledgement: acknowledgement, window: window, options: options, payload: payload)
        return isIPv6 ? withHopLimit(segment) : withHeader(segment)
    }

    /// A pure acknowledgement of so many bytes more.
    mutating func acknowledge(_ byteCount: UInt32) -> [UInt8] {
        acknowledgement &+= byteCount
        return next(0)
    }

    private func withHopLimit(_ frame: [UInt8]) -> [UInt8] {
        var frame = frame
        frame[21] = timeToLive
        frame[15] = typeOfService << 4
        return frame
    }

    private func withHeader(_ frame: [UInt8]) -> [UInt8] {
        var frame = frame
        frame[15] = typeOfService
        frame[22] = timeToLive
        frame.store(be16: identification, at: 18)
        frame.store(be16: dontFragment ? 0x4000 : 0, at: 20)
        frame.renumber(0)
        return frame
    }
}
