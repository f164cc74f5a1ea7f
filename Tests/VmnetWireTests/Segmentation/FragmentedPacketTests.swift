import Testing
import VmnetTesting
import VmnetWire

@Suite struct FragmentedPacketTests {
    private let guest = FrameBuilder(from: "52:54:00:12:34:56", to: "52:54:00:00:00:01")
    private let payload = (0..<4001).map { UInt8(truncatingIfNeeded: $0 &* 7) }

    @Test func `IPv4 fragments put together are the datagram`() throws {
        let frame = guest.udp(from: "10.0.0.1:1", to: "10.0.0.2:2", payload: payload)
        let fragments = try cut(frame, mtu: 1500)
        // 1480 is a multiple of 8.
        #expect(fragments.map(\.count) == [1514, 1514, 34 + 4009 - 2960])
        var joined: [UInt8] = []
        for (index, fragment) in fragments.enumerated() {
            let header = try IPv4Header(parsing: fragment.span.extracting(droppingFirst: 14))
            #expect(header.fragmentOffset == joined.count)
            #expect(header.moreFragments == (index < 2))
            #expect(!header.dontFragment)
            #expect(Int(header.totalLength) == fragment.count - 14)
            #expect(fragment[..<14] == frame[..<14])
            joined += fragment[34...]
        }
        #expect(joined == Array(frame[34...]))
    }

    @Test func `IPv6 fragments put together are the datagram`() throws {
        let frame = guest.udp(from: "[fd00::1]:1", to: "[fd00::2]:2", payload: payload)
        let fragments = try cut(frame, mtu: 1280, identification: 0x1234_5678)
        var joined: [UInt8] = []
        for (index, fragment) in fragments.enumerated() {
            #expect(fragment.count <= 1294)
            let header = try IPv6Header(parsing: fragment.span.extracting(droppingFirst: 14))
            #expect(header.nextHeader.rawValue == 44)
            #expect(header.payloadLength == fragment.count - 54)
            #expect(fragment[54] == 17 && fragment[55] == 0)
            let place = fragment.span.be16(at: 56)
            #expect(Int(place & ~7) == joined.count)
            #expect(place & 7 == (index < fragments.count - 1 ? 1 : 0))
            #expect(fragment.span.be32(at: 58) == 0x1234_5678)
            joined += fragment[62...]
        }
        #expect(joined == Array(frame[54...]))
    }

    @Test func `a packet that fits is as it was`() throws {
        for frame in [
            guest.udp(from: "10.0.0.1:1", to: "10.0.0.2:2", payload: payload),
            guest.udp(from: "[fd00::1]:1", to: "[fd00::2]:2", payload: payload),
        ] {
            #expect(try cut(frame + [0, 0], mtu: frame.count - 14) == [frame])
            #expect(try cut(frame, mtu: frame.count - 15).count == 2)
        }
    }

    @Test(arguments: 68..<100)
    func `any MTU that IPv4 allows gives fragments of multiples of eight`(mtu: Int) throws {
        let frame = guest.echoRequest(from: .v4("10.0.0.1"), to: .v4("10.0.0.2"), payload: payload)
        let fragments = try cut(frame, mtu: mtu)
        #expect(fragments.dropLast().allSatisfy { $0.count <= 14 + mtu && ($0.count - 34).isMultiple(of: 8) })
        #expect(fragments.flatMap { $0[34...] } == Array(frame[34...]))
    }

    @Test func `what cannot be cut is malformed`() throws {
        let frame = guest.udp(from: "10.0.0.1:1", to: "10.0.0.2:2", payload: payload)
        var header = try IPv4Header(parsing: frame.span.extracting(droppingFirst: 14))
        let optioned = guest.ipv4(header, options: [1, 1, 1, 0], payload: Array(frame[34...]))
        header.moreFragments = true
        let fragment = guest.ipv4(header, payload: Array(frame[34...]))
        for frame in [optioned, fragment, guest.ethernet(.arp, payload: payload)] {
            #expect(throws: WireError.malformed) { try cut(frame, mtu: 1500) }
        }
        #expect(throws: WireError.malformed) { try cut(frame, mtu: 27) }
        #expect(throws: WireError.malformed) { try cut(frame, mtu: -1) }
    }

    private func cut(_ frame: [UInt8], mtu: Int, identification: UInt32 = 0) throws -> [[UInt8]] {
        let packet = try FragmentedPacket(parsing: frame.span, mtu: mtu, identification: identification)
        return (0..<packet.count).map { index in
            [UInt8](capacity: packet.byteCount(of: index)) { packet.write(index, of: frame.span, to: &$0) }
        }
    }
}
