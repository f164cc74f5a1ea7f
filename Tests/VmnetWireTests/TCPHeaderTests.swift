import Testing
import VmnetTesting
import VmnetWire

@Suite struct TCPHeaderTests {
    private let reset = Captured.tcpReset.ipv4Payload

    @Test func `the fields of a captured header are read`() throws {
        let header = try TCPHeader(parsing: Captured.tcpData.ipv4Payload.span)
        #expect(header.sourcePort == 51550)
        #expect(header.destinationPort == 80)
        #expect(header.sequence == 319_856_351)
        #expect(header.acknowledgement == 0x6c1a_936c)
        #expect(header.headerLength == 32)
        #expect(header.reserved == 0)
        #expect(header.flags == [.psh, .ack])
        #expect(header.window == 63)
        #expect(header.checksum == 0x5d21)
        #expect(header.urgentPointer == 0)
    }

    @Test func `a header made from its fields is the captured one`() throws {
        let header = TCPHeader(
            sourcePort: 81, destinationPort: 43450, sequence: 0, acknowledgement: 3_872_883_136, flags: [.rst, .ack],
            window: 0, checksum: 0x9bd8)
        #expect(header == (try TCPHeader(parsing: reset.span)))
        #expect(written(header).hex == reset.hex)
    }

    @Test func `options are part of the header, and left out when it is written`() throws {
        for segment in [Captured.tcpSYN.ipv4Payload, Captured.tcpSYNv6.ipv6Payload] {
            let header = try TCPHeader(parsing: segment.span)
            #expect(header.headerLength == 40)
            let bare = try TCPHeader(parsing: written(header).span)
            #expect(bare.headerLength == 20)
            #expect(bare.sequence == header.sequence)
            #expect(bare.flags == .syn)
        }
    }

    @Test func `every shorter header is truncated`() {
        let segment = Captured.tcpSYN.ipv4Payload
        for count in segment.indices {
            #expect(throws: WireError.truncated) { try TCPHeader(parsing: segment.span.extracting(first: count)) }
        }
    }

    @Test(arguments: 0..<5)
    func `a data offset of less than 20 bytes is malformed`(words: UInt8) {
        #expect(throws: WireError.malformed) { try TCPHeader(parsing: reset.with(words << 4, at: 12).span) }
    }

    @Test func `the longest header has 60 bytes`() throws {
        let segment = reset.with(0xf0, at: 12) + [UInt8](repeating: 1, count: 40)
        #expect(try TCPHeader(parsing: segment.span).headerLength == 60)
        #expect(throws: WireError.truncated) { try TCPHeader(parsing: segment.span.extracting(droppingLast: 1)) }
    }

    @Test func `every combination of flags and reserved bits survives`() throws {
        for flags in UInt8.min ... .max {
            let segment = reset.with(0x50 | flags & 15, at: 12).with(flags, at: 13)
            let header = try TCPHeader(parsing: segment.span)
            #expect(header.flags.rawValue == flags)
            #expect(header.reserved == flags & 15)
            #expect(written(header) == segment)
        }
    }

    @Test func `reserved bits do not change what the flags say`() throws {
        let header = try TCPHeader(parsing: reset.with(0x5f, at: 12).with(2, at: 13).span)
        #expect(header.flags == .syn)
    }

    @Test func `reserved bits do not reach the data offset`() throws {
        var header = try TCPHeader(parsing: reset.span)
        header.reserved = 0xff
        #expect(try TCPHeader(parsing: written(header).span).headerLength == 20)
    }

    @Test func `random headers survive being written and read`() throws {
        var random = SeededGenerator(seed: 9293)
        for _ in 0..<1000 {
            var header = TCPHeader(
                sourcePort: .random(in: 0 ... .max, using: &random),
                destinationPort: .random(in: 0 ... .max, using: &random),
                sequence: .random(in: 0 ... .max, using: &random),
                acknowledgement: .random(in: 0 ... .max, using: &random),
                flags: .init(rawValue: .random(in: 0 ... .max, using: &random)),
                window: .random(in: 0 ... .max, using: &random), checksum: .random(in: 0 ... .max, using: &random),
                urgentPointer: .random(in: 0 ... .max, using: &random))
            header.reserved = .random(in: 0...15, using: &random)
            #expect(try TCPHeader(parsing: written(header).span) == header)
        }
    }

    private func written(_ header: TCPHeader) -> [UInt8] {
        [UInt8](capacity: TCPHeader.byteCount) { header.write(to: &$0) }
    }
}
