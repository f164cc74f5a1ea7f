import Testing
import VmnetTesting
import VmnetWire

@Suite struct IPv4HeaderTests {
    @Test func `the fields of a captured header are read`() throws {
        let header = try IPv4Header(parsing: Captured.tcpData.packet.span)
        #expect(header.headerLength == 20)
        #expect(!header.hasOptions)
        #expect(header.typeOfService == 0)
        #expect(header.totalLength == 57)
        #expect(header.payloadLength == 37)
        #expect(header.identification == 0x92b8)
        #expect(header.dontFragment)
        #expect(!header.moreFragments)
        #expect(header.fragmentOffset == 0)
        #expect(!header.isFragment)
        #expect(header.timeToLive == 64)
        #expect(header.proto == .tcp)
        #expect(header.source == "192.168.64.2")
        #expect(header.destination == "192.168.64.1")
    }

    @Test func `a header made from its fields is the captured one`() throws {
        let header = IPv4Header(
            proto: .icmp, source: "192.168.64.1", destination: "192.168.64.2", payloadLength: 39,
            identification: 0xe8a0, dontFragment: false, timeToLive: 64, typeOfService: 0xc0)
        #expect(header == (try IPv4Header(parsing: Captured.portUnreachable.packet.span)))
    }

    @Test(arguments: Captured.ipv4)
    func `a captured header without options is written as it was`(frame: [UInt8]) throws {
        let header = try IPv4Header(parsing: frame.packet.span)
        guard !header.hasOptions else { return }
        #expect(written(header).hex == [UInt8](frame.packet[..<20]).hex)
    }

    @Test func `the last fragment says where it begins`() throws {
        let header = try IPv4Header(parsing: Captured.lastFragment.packet.span)
        #expect(header.fragmentOffset == 1480)
        #expect(!header.moreFragments)
        #expect(!header.dontFragment)
        #expect(header.isFragment)
    }

    @Test func `the first fragment is one because more follow`() throws {
        var header = IPv4Header(proto: .udp, source: .any, destination: .any, payloadLength: 0, dontFragment: false)
        header.moreFragments = true
        let parsed = try IPv4Header(parsing: written(header).span)
        #expect(parsed == header)
        #expect(parsed.isFragment)
    }

    @Test func `options are part of the header, and left out when it is written`() throws {
        let packet = Captured.udpBehindOptions.packet
        let header = try IPv4Header(parsing: packet.span)
        #expect(header.hasOptions)
        #expect(header.headerLength == 28)
        #expect(header.payloadLength == 13)
        let rewritten = written(header) + packet[28...]
        let bare = try IPv4Header(parsing: rewritten.span)
        #expect(bare.headerLength == 20)
        #expect(bare.payloadLength == 13)
        #expect(bare.source == header.source)
    }

    @Test func `bytes after the packet are ignored`() throws {
        let padded = Captured.tcpReset.packet + [UInt8](repeating: 0xee, count: 6)
        #expect(try IPv4Header(parsing: padded.span) == IPv4Header(parsing: Captured.tcpReset.packet.span))
    }

    @Test(arguments: [Captured.udp, Captured.udpBehindOptions])
    func `every shorter packet is truncated`(frame: [UInt8]) {
        for count in frame.packet.indices {
            #expect(throws: WireError.truncated) { try IPv4Header(parsing: frame.packet.span.extracting(first: count)) }
        }
    }

    @Test(arguments: [0x05, 0x35, 0x55, 0x65, 0xf5, 0x44, 0x40] as [UInt8])
    func `another version or a header of less than 20 bytes is malformed`(first: UInt8) {
        #expect(throws: WireError.malformed) {
            try IPv4Header(parsing: Captured.udp.packet.with(first, at: 0).span)
        }
    }

    @Test(arguments: [0, 19, 27])
    func `a total length below the header's is malformed`(total: UInt8) {
        #expect(throws: WireError.malformed) {
            try IPv4Header(parsing: Captured.udpBehindOptions.packet.with(total, at: 3).with(0, at: 2).span)
        }
    }

    @Test func `a packet may end with its header`() throws {
        let header = IPv4Header(proto: .udp, source: .any, destination: .any, payloadLength: 0)
        #expect(try IPv4Header(parsing: written(header).span).payloadLength == 0)
    }

    @Test(arguments: [Captured.udp, Captured.udpBehindOptions])
    func `one bit wrong anywhere in the header is not accepted`(frame: [UInt8]) throws {
        let headerLength = try IPv4Header(parsing: frame.packet.span).headerLength
        // Long enough for any total length, so that only the checks of the header can refuse it.
        let packet = frame.packet + [UInt8](repeating: 0, count: 65536)
        for bit in 0..<(headerLength * 8) {
            #expect(throws: WireError.self) {
                try IPv4Header(parsing: packet.with(packet[bit / 8] ^ 1 << UInt8(bit % 8), at: bit / 8).span)
            }
        }
    }

    @Test func `a wrong checksum has its own error`() {
        #expect(throws: WireError.checksum) { try IPv4Header(parsing: Captured.udp.packet.with(0, at: 10).span) }
    }

    @Test func `an unknown protocol survives`() throws {
        for number in UInt8.min ... .max {
            let header = IPv4Header(
                proto: IPProtocol(rawValue: number), source: .any, destination: .any, payloadLength: 0)
            #expect(try IPv4Header(parsing: written(header).span).proto.rawValue == number)
        }
    }

    @Test func `random headers survive being written and read`() throws {
        var random = SeededGenerator(seed: 791)
        for _ in 0..<2000 {
            let header = randomHeader(&random)
            let packet = written(header) + [UInt8](repeating: 0, count: header.payloadLength)
            #expect(try IPv4Header(parsing: packet.span) == header)
        }
    }

    @Test func `values beyond a field's bits do not reach the fields beside it`() throws {
        var header = IPv4Header(
            proto: .udp, source: .any, destination: .any, payloadLength: 1 << 20, dontFragment: false)
        #expect(header.totalLength == .max)
        header = IPv4Header(proto: .udp, source: .any, destination: .any, payloadLength: -1, dontFragment: false)
        #expect(header.totalLength == 20)
        header.fragmentOffset = 65536 + 8
        #expect(try IPv4Header(parsing: written(header).span).fragmentOffset == 8)
        header.fragmentOffset = .min
        #expect(try IPv4Header(parsing: written(header).span).fragmentOffset == 0)
    }

    private func written(_ header: IPv4Header) -> [UInt8] {
        [UInt8](capacity: IPv4Header.byteCount) { header.write(to: &$0) }
    }

    private func randomHeader(_ random: inout SeededGenerator) -> IPv4Header {
        var header = IPv4Header(
            proto: IPProtocol(rawValue: .random(in: 0 ... .max, using: &random)),
            source: IPv4Address(bits: .random(in: 0 ... .max, using: &random)),
            destination: IPv4Address(bits: .random(in: 0 ... .max, using: &random)),
            payloadLength: .random(in: 0...1480, using: &random),
            identification: .random(in: 0 ... .max, using: &random), dontFragment: .random(using: &random),
            timeToLive: .random(in: 0 ... .max, using: &random), typeOfService: .random(in: 0 ... .max, using: &random))
        header.moreFragments = .random(using: &random)
        header.fragmentOffset = .random(in: 0...8191, using: &random) * 8
        return header
    }
}
