import Testing
import VmnetTesting
import VmnetWire

@Suite struct InternetChecksumTests {
    /// RFC 1071, section 3: the words sum to 2ddf0, which folds to ddf2.
    @Test func `the example of RFC 1071 gives the sum that it states`() {
        var checksum = InternetChecksum()
        checksum.add([UInt8](hex: "00 01 f2 03 f4 f5 f6 f7").span)
        #expect(checksum.folded == 0xddf2)
        #expect(checksum.finished == 0x220d)
    }

    @Test func `nothing sums to zero`() {
        #expect(InternetChecksum().folded == 0)
        #expect(checksum([]) == 0xffff)
    }

    @Test func `an odd byte is the high half of a word`() {
        #expect(checksum([0x12]) == 0xedff)
        #expect(checksum([0x12, 0x34, 0x56]) == 0x97cb)
    }

    @Test func `every length and content has the sum of its 16-bit words`() {
        var random = SeededGenerator(seed: 1071)
        for count in 0..<200 {
            for fill: UInt8? in [nil, 0xff, 0x00, 0x01] {
                let bytes = fill.map { [UInt8](repeating: $0, count: count) } ?? random.bytes(count)
                #expect(checksum(bytes) == reference(bytes), "\(bytes.hex)")
            }
        }
    }

    @Test func `the largest frame of ones sums without losing a carry`() {
        let bytes = [UInt8](repeating: 0xff, count: Frame.maximumByteCount)
        #expect(checksum(bytes) == reference(bytes))
    }

    @Test func `bytes at any alignment sum the same`() {
        var random = SeededGenerator(seed: 8)
        let bytes = random.bytes(61)
        for start in 0..<16 {
            let shifted = [UInt8](repeating: 0xee, count: start) + bytes
            #expect(InternetChecksum.of(shifted.span.extracting(droppingFirst: start)) == reference(bytes))
        }
    }

    @Test func `pieces of even length sum to what the whole does`() {
        var random = SeededGenerator(seed: 3)
        for _ in 0..<500 {
            let bytes = random.bytes(.random(in: 0...100, using: &random))
            var checksum = InternetChecksum()
            var rest = bytes[...]
            while !rest.isEmpty {
                let piece = rest.prefix(2 * Int.random(in: 0...10, using: &random))
                checksum.add([UInt8](piece).span)
                rest = rest.dropFirst(piece.count)
            }
            #expect(checksum.finished == reference(bytes))
        }
    }

    @Test func `words of 16 and 32 bits count as their bytes`() {
        var checksum = InternetChecksum()
        checksum.add(0xffff as UInt16)
        checksum.add(0xfedc_ba98 as UInt32)
        #expect(checksum.finished == reference([UInt8](hex: "ff ff fe dc ba 98")))
    }

    @Test(arguments: [
        (Captured.tcpSYN, IPProtocol.tcp), (Captured.tcpData, .tcp), (Captured.tcpReset, .tcp), (Captured.udp, .udp),
    ])
    func `captured IPv4 segments sum to nothing left`(frame: [UInt8], proto: IPProtocol) throws {
        let header = try IPv4Header(parsing: frame.packet.span)
        var checksum = InternetChecksum()
        checksum.addPseudoHeader(
            source: header.source, destination: header.destination, proto: proto, length: header.payloadLength)
        checksum.add(frame.ipv4Payload.span)
        #expect(checksum.finished == 0)
    }

    @Test(arguments: [
        (Captured.tcpSYNv6, IPProtocol.tcp), (Captured.udpv6, .udp), (Captured.neighborSolicitation, .icmpv6),
    ])
    func `captured IPv6 segments sum to nothing left`(frame: [UInt8], proto: IPProtocol) throws {
        let header = try IPv6Header(parsing: frame.packet.span)
        var checksum = InternetChecksum()
        checksum.addPseudoHeader(
            source: header.source, destination: header.destination, proto: proto, length: header.payloadLength)
        checksum.add(frame.ipv6Payload.span)
        #expect(checksum.finished == 0)
    }

    @Test func `captured ICMP messages sum to nothing left`() {
        #expect(InternetChecksum.of(Captured.echoRequest.ipv4Payload.span) == 0)
        #expect(InternetChecksum.of(Captured.portUnreachable.ipv4Payload.span) == 0)
    }

    @Test func `changing a word incrementally is summing again`() {
        var random = SeededGenerator(seed: 1624)
        for round in 0..<20_000 {
            // The first word stays and is not zero: a packet has at least its version or a port.
            var bytes = [0x45, 0] + random.bytes(6)
            let stored = reference(bytes)
            let old = bytes.span.be16(at: 2)
            // The ends of the range come up as often as the middle.
            let new: UInt16 = [0, 0xffff, old, .random(in: 0 ... .max, using: &random)][round % 4]
            bytes.store(be16: new, at: 2)
            #expect(InternetChecksum.updated(stored, replacing: old, by: new) == reference(bytes), "\(old) to \(new)")
        }
    }

    @Test func `changing an address incrementally is summing again`() {
        var random = SeededGenerator(seed: 1631)
        for round in 0..<20_000 {
            var bytes = [0x45, 0] + random.bytes(6)
            let stored = reference(bytes)
            let old = bytes.span.be32(at: 4)
            let new: UInt32 = [0, 0xffff_ffff, 0x0000_ffff, .random(in: 0 ... .max, using: &random)][round % 4]
            bytes.store(be16: UInt16(new >> 16), at: 4)
            bytes.store(be16: UInt16(new & 0xffff), at: 6)
            #expect(InternetChecksum.updated(stored, replacing: old, by: new) == reference(bytes), "\(old) to \(new)")
        }
    }

    /// RFC 1624, section 4: the case that the equation of RFC 1141 got wrong.
    @Test func `the example of RFC 1624 gives zero`() {
        #expect(InternetChecksum.updated(0xdd2f, replacing: 0x5555 as UInt16, by: 0x3285) == 0)
    }

    private func checksum(_ bytes: [UInt8]) -> UInt16 { InternetChecksum.of(bytes.span) }

    /// RFC 1071 word by word.
    private func reference(_ bytes: [UInt8]) -> UInt16 {
        var sum = 0
        for offset in stride(from: 0, to: bytes.count, by: 2) {
            sum += Int(bytes[offset]) << 8 | (offset + 1 < bytes.count ? Int(bytes[offset + 1]) : 0)
            if sum > 0xffff { sum -= 0xffff }
        }
        return ~UInt16(sum)
    }
}
