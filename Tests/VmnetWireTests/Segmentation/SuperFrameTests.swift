import Testing
import VmnetTesting
import VmnetWire

@Suite struct SuperFrameTests {
    private let guest = FrameBuilder(from: "52:54:00:12:34:56", to: "52:54:00:00:00:01")
    private let tcpv4 = OffloadDescriptor(segmentation: .tcpv4, segmentSize: 100)

    @Test func `every segment is the frame that its sender would have sent by itself`() throws {
        var random = SeededGenerator(seed: 1)
        for _ in 0..<200 {
            let payload = random.bytes(.random(in: 0...5000, using: &random))
            let size = Int.random(in: 5...1460, using: &random)
            let options = random.bytes(4 * Int.random(in: 0...10, using: &random))
            let sequence = UInt32.random(in: 0 ... .max, using: &random)
            for isIPv6 in [false, true] {
                func build(_ flags: TCPHeader.Flags, _ offset: Int, _ payload: [UInt8]) -> [UInt8] {
                    guest.tcp(
                        from: isIPv6 ? "[fd00::1]:1" : "10.0.0.1:1", to: isIPv6 ? "[fd00::2]:2" : "10.0.0.2:2",
                        flags: flags, sequence: sequence &+ UInt32(offset), acknowledgement: 77, window: 501,
                        options: options, payload: payload)
                }
                let frame = build([.ack, .psh, .fin, .cwr, .ece], 0, payload)
                let offload = OffloadDescriptor(segmentation: isIPv6 ? .tcpv6 : .tcpv4, segmentSize: UInt16(size))
                let segments = try pieces(of: frame, offload)
                let offsets = payload.isEmpty ? [0] : Array(stride(from: 0, to: payload.count, by: size))
                #expect(segments.count == offsets.count)
                for (index, offset) in offsets.enumerated() {
                    var flags: TCPHeader.Flags = [.ack, .ece]
                    if index == 0 { flags.insert(.cwr) }
                    if index == offsets.count - 1 { flags.formUnion([.psh, .fin]) }
                    var expected = build(flags, offset, Array(payload[offset..<min(offset + size, payload.count)]))
                    if !isIPv6 { expected.renumber(UInt16(index)) }
                    #expect(segments[index] == expected)
                }
            }
        }
    }

    @Test(arguments: [false, true])
    func `every datagram of a UDP super-frame has its own length and checksum`(isIPv6: Bool) throws {
        var random = SeededGenerator(seed: 2)
        let payload = random.bytes(3001)
        func build(_ payload: [UInt8]) -> [UInt8] {
            guest.udp(
                from: isIPv6 ? "[fd00::1]:1" : "10.0.0.1:1", to: isIPv6 ? "[fd00::2]:2" : "10.0.0.2:2",
                payload: payload)
        }
        let segments = try pieces(of: build(payload), OffloadDescriptor(segmentation: .udp, segmentSize: 1200))
        for (index, range) in [0..<1200, 1200..<2400, 2400..<3001].enumerated() {
            var expected = build(Array(payload[range]))
            if !isIPv6 { expected.renumber(UInt16(index)) }
            #expect(segments[index] == expected)
        }
        #expect(segments.count == 3)
    }

    @Test func `what the checksum field holds does not matter`() throws {
        let payload = [UInt8](repeating: 7, count: 250)
        let right = try pieces(of: tcp(payload), tcpv4)
        for checksum in [FrameBuilder.Checksum.partial, .wrong, .zero] {
            #expect(try pieces(of: tcp(payload, checksum: checksum), tcpv4) == right)
        }
    }

    @Test(arguments: [false, true])
    func `a VLAN tag is repeated`(isIPv6: Bool) throws {
        let payload = [UInt8](repeating: 7, count: 250)
        let tcp = guest.tcp(
            from: isIPv6 ? "[fd00::1]:1" : "10.0.0.1:1", to: isIPv6 ? "[fd00::2]:2" : "10.0.0.2:2", flags: .ack,
            sequence: 5, payload: payload)
        let udp = guest.udp(
            from: isIPv6 ? "[fd00::1]:1" : "10.0.0.1:1", to: isIPv6 ? "[fd00::2]:2" : "10.0.0.2:2", payload: payload)
        for (frame, segmentation) in [(tcp, isIPv6 ? .tcpv6 : .tcpv4), (udp, OffloadDescriptor.Segmentation.udp)] {
            let offload = OffloadDescriptor(segmentation: segmentation, segmentSize: 100)
            let expected = try pieces(of: frame, offload).map { $0.tagged }
            #expect(try pieces(of: frame.tagged, offload) == expected)
        }
    }

    @Test func `IPv4 options are repeated`() throws {
        let frame = tcp([UInt8](repeating: 7, count: 250))
        var header = try IPv4Header(parsing: frame.span.extracting(droppingFirst: 14))
        header.identification = 0xffff
        let optioned = guest.ipv4(header, options: [1, 1, 1, 0], payload: Array(frame[34...]))
        let segments = try pieces(of: optioned, tcpv4)
        #expect(segments.count == 3)
        for (index, segment) in segments.enumerated() {
            #expect(Array(segment[34..<38]) == [1, 1, 1, 0])
            let parsed = try IPv4Header(parsing: segment.span.extracting(droppingFirst: 14))
            #expect(parsed.identification == 0xffff &+ UInt16(index))
            #expect(Int(parsed.totalLength) == segment.count - 14)
        }
    }

    @Test func `larger pieces are super-frames of whole segments with complete checksums`() throws {
        var random = SeededGenerator(seed: 4)
        let payload = random.bytes(60_001)
        let frame = guest.tcp(
            from: "[fd00::1]:1", to: "[fd00::2]:2", flags: [.ack, .psh], sequence: 5, payload: payload)
        let offload = OffloadDescriptor(segmentation: .tcpv6, segmentSize: 1440)
        let superFrame = try SuperFrame(parsing: frame.span, offload, packetLimit: 21_880)
        // 21880 - 60 = 15 * 1440 + 220
        #expect(superFrame.count == 3)
        var cutAgain: [[UInt8]] = []
        for index in 0..<superFrame.count {
            let piece = write(superFrame, index, of: frame)
            let range = index * 21_600..<min(60_001, (index + 1) * 21_600)
            #expect(
                piece
                    == guest.tcp(
                        from: "[fd00::1]:1", to: "[fd00::2]:2", flags: index == 2 ? [.ack, .psh] : .ack,
                        sequence: 5 + UInt32(range.lowerBound), payload: Array(payload[range])))
            #expect(superFrame.offload(of: index).segmentation == .tcpv6)
            cutAgain += try pieces(of: piece, superFrame.offload(of: index))
        }
        #expect(try cutAgain == pieces(of: frame, offload))
    }

    @Test func `a piece of one segment has nothing left to do`() throws {
        let frame = tcp([UInt8](repeating: 7, count: 250))
        #expect(try SuperFrame(parsing: frame.span, tcpv4).offload(of: 0) == .none)
        let paired = try SuperFrame(parsing: frame.span, tcpv4, packetLimit: 240)
        #expect(paired.count == 2)
        #expect(paired.offload(of: 0).segmentSize == 100)
        #expect(paired.offload(of: 1) == .none)
    }

    @Test func `identifications of larger pieces leave room for their segments`() throws {
        let frame = tcp([UInt8](repeating: 7, count: 1000))
        let superFrame = try SuperFrame(parsing: frame.span, tcpv4, packetLimit: 340)
        let second = write(superFrame, 1, of: frame)
        #expect(try IPv4Header(parsing: second.span.extracting(droppingFirst: 14)).identification == 3)
    }

    @Test func `what is no super-frame is malformed`() throws {
        let payload = [UInt8](repeating: 7, count: 250)
        let frame = tcp(payload)
        var fragment = try IPv4Header(parsing: frame.span.extracting(droppingFirst: 14))
        fragment.moreFragments = true
        let cases: [(frame: [UInt8], offload: OffloadDescriptor)] = [
            (frame, OffloadDescriptor(segmentation: .tcpv4, segmentSize: 0)),
            (frame, OffloadDescriptor(segmentation: .tcpv6, segmentSize: 100)),
            (frame, OffloadDescriptor(segmentation: .udp, segmentSize: 100)),
            (frame, OffloadDescriptor(segmentation: .none, segmentSize: 100)),
            (guest.udp(from: "10.0.0.1:1", to: "10.0.0.2:2", payload: payload), tcpv4),
            (guest.ipv4(fragment, payload: Array(frame[34...])), tcpv4),
            (guest.tcp(from: "10.0.0.1:1", to: "10.0.0.2:2", flags: [.syn, .ack], payload: payload), tcpv4),
            (guest.tcp(from: "10.0.0.1:1", to: "10.0.0.2:2", flags: [.rst, .ack], payload: payload), tcpv4),
            (guest.ethernet(.arp, payload: payload), tcpv4),
            (frame + [0], tcpv4),
        ]
        for (frame, offload) in cases { #expect(refusal(of: frame, offload) == .malformed) }
        // Lengths that say more than is there.
        for count in 0..<frame.count { #expect(refusal(of: Array(frame.prefix(count)), tcpv4) != nil) }
    }

    @Test func `a guest that asks for tiny segments is refused`() {
        let tiny = OffloadDescriptor(segmentation: .tcpv4, segmentSize: 1)
        #expect(refusal(of: tcp([UInt8](repeating: 7, count: 1024)), tiny) == nil)
        #expect(refusal(of: tcp([UInt8](repeating: 7, count: 1025)), tiny) == .malformed)
    }

    private func tcp(_ payload: [UInt8], checksum: FrameBuilder.Checksum = .correct) -> [UInt8] {
        guest.tcp(from: "10.0.0.1:1", to: "10.0.0.2:2", flags: .ack, checksum: checksum, payload: payload)
    }
}

/// Cuts a frame into single segments.
func pieces(of frame: [UInt8], _ offload: OffloadDescriptor) throws -> [[UInt8]] {
    let superFrame = try SuperFrame(parsing: frame.span, offload)
    let pieces = (0..<superFrame.count).map { write(superFrame, $0, of: frame) }
    #expect(pieces.reduce(0) { $0 + $1.count } == superFrame.byteCountOfPieces)
    return pieces
}

private func write(_ superFrame: SuperFrame, _ index: Int, of frame: [UInt8]) -> [UInt8] {
    [UInt8](capacity: superFrame.byteCount(of: index)) { superFrame.write(index, of: frame.span, to: &$0) }
}

private func refusal(of frame: [UInt8], _ offload: OffloadDescriptor) -> WireError? {
    do throws(WireError) {
        _ = try SuperFrame(parsing: frame.span, offload)
        return nil
    } catch {
        return error
    }
}

extension [UInt8] {
    /// The frame in VLAN 5.
    var tagged: [UInt8] { Array(self[..<12]) + [0x81, 0, 0, 5] + Array(self[12...]) }

    /// Adds to the identification of an IPv4 frame, and sees to the header's checksum.
    mutating func renumber(_ increment: UInt16) {
        store(be16: span.be16(at: 18) &+ increment, at: 18)
        store(be16: 0, at: 24)
        store(be16: InternetChecksum.of(span.extracting(14..<34)), at: 24)
    }
}
