import Testing
import VmnetTesting
import VmnetWire

@Suite struct IPv6HeaderTests {
    @Test func `the fields of a captured header are read`() throws {
        let header = try IPv6Header(parsing: Captured.tcpSYNv6.packet.span)
        #expect(header.trafficClass == 0)
        #expect(header.flowLabel == 0x6f948)
        #expect(header.payloadLength == 40)
        #expect(header.nextHeader == .tcp)
        #expect(header.hopLimit == 64)
        #expect(header.source == "fd00:64::2")
        #expect(header.destination == "fd00:64::1")
    }

    @Test(arguments: Captured.ipv6)
    func `a captured header is written as it was`(frame: [UInt8]) throws {
        let header = try IPv6Header(parsing: frame.packet.span)
        #expect(written(header).hex == [UInt8](frame.packet[..<40]).hex)
    }

    @Test func `extension headers count as payload`() throws {
        let header = try IPv6Header(parsing: Captured.multicastReport.packet.span)
        #expect(header.nextHeader.rawValue == 0)
        #expect(header.payloadLength == 36)
    }

    @Test func `bytes after the packet are ignored`() throws {
        let padded = Captured.udpv6.packet + [1, 2, 3]
        #expect(try IPv6Header(parsing: padded.span).payloadLength == 13)
    }

    @Test func `every shorter packet is truncated`() {
        for count in Captured.udpv6.packet.indices {
            #expect(throws: WireError.truncated) {
                try IPv6Header(parsing: Captured.udpv6.packet.span.extracting(first: count))
            }
        }
    }

    @Test(arguments: (0..<16).filter { $0 != 6 })
    func `another version is malformed`(version: Int) {
        #expect(throws: WireError.malformed) {
            try IPv6Header(parsing: Captured.udpv6.packet.with(UInt8(version << 4), at: 0).span)
        }
    }

    @Test func `the longest payload is 65535 bytes`() throws {
        let header = IPv6Header(nextHeader: .udp, source: .any, destination: .any, payloadLength: 1 << 20)
        #expect(header.payloadLength == 65535)
        let packet = written(header) + [UInt8](repeating: 0, count: 65535)
        #expect(try IPv6Header(parsing: packet.span) == header)
        #expect(throws: WireError.truncated) { try IPv6Header(parsing: packet.span.extracting(droppingLast: 1)) }
    }

    @Test func `random headers survive being written and read`() throws {
        var random = SeededGenerator(seed: 8200)
        for _ in 0..<2000 {
            let header = IPv6Header(
                nextHeader: IPProtocol(rawValue: .random(in: 0 ... .max, using: &random)),
                source: IPv6Address(high: random.next(), low: random.next()),
                destination: IPv6Address(high: random.next(), low: random.next()),
                payloadLength: .random(in: 0...1460, using: &random),
                hopLimit: .random(in: 0 ... .max, using: &random),
                trafficClass: .random(in: 0 ... .max, using: &random),
                flowLabel: .random(in: 0...0xf_ffff, using: &random))
            let packet = written(header) + [UInt8](repeating: 0, count: header.payloadLength)
            #expect(try IPv6Header(parsing: packet.span) == header)
        }
    }

    @Test func `values beyond a field's bits do not reach the fields beside it`() throws {
        var header = IPv6Header(
            nextHeader: .udp, source: .any, destination: .any, payloadLength: -1, flowLabel: .max)
        #expect(header.payloadLength == 0)
        #expect(header.flowLabel == 0xf_ffff)
        header.flowLabel = 0x1230_0001
        header.payloadLength = .min
        let parsed = try IPv6Header(parsing: written(header).span)
        #expect(parsed.flowLabel == 1)
        #expect(parsed.trafficClass == 0)
        #expect(parsed.payloadLength == 0)
    }

    private func written(_ header: IPv6Header) -> [UInt8] {
        [UInt8](capacity: IPv6Header.byteCount) { header.write(to: &$0) }
    }
}
