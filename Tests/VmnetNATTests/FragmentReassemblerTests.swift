import Testing
import VmnetTesting
import VmnetWire

@testable import VmnetNAT

@Suite struct FragmentReassemblerTests {
    private let builder = FrameBuilder(from: "52:54:00:12:34:56", to: "52:55:c0:a8:40:01")
    private let now = NATTime(nanoseconds: 1_000_000_000)
    private let payload = [UInt8]((0..<3000).map { UInt8(truncatingIfNeeded: $0 &* 3) })

    /// A fragment of `bytes` that begins at `offset`.
    private func fragment(
        _ bytes: ArraySlice<UInt8>, at offset: Int, more: Bool, id: UInt16 = 7, proto: IPProtocol = .udp
    ) -> [UInt8] {
        var header = IPv4Header(
            proto: proto, source: "192.168.64.2", destination: "1.2.3.4", payloadLength: bytes.count,
            identification: id, dontFragment: false, timeToLive: 61, typeOfService: 4)
        header.fragmentOffset = offset
        header.moreFragments = more
        return builder.ipv4(header, payload: Array(bytes))
    }

    @discardableResult
    private func insert(
        _ frame: [UInt8], into reassembler: inout FragmentReassembler, now: NATTime? = nil
    ) -> FragmentReassembler.Outcome {
        guard let header = try? IPv4Header(parsing: frame.span.extracting(droppingFirst: 14)) else { return .drop }
        return reassembler.insert(frame.span, header, now: now ?? self.now)
    }

    private var three: [[UInt8]] {
        [
            fragment(payload[0..<1480], at: 0, more: true), fragment(payload[1480..<2960], at: 1480, more: true),
            fragment(payload[2960...], at: 2960, more: false),
        ]
    }

    @Test(arguments: [[0, 1, 2], [2, 1, 0], [1, 0, 2], [1, 2, 0]])
    func `fragments in any order make one datagram`(order: [Int]) throws {
        var reassembler = FragmentReassembler()
        #expect(insert(three[order[0]], into: &reassembler) == .incomplete)
        #expect(insert(three[order[1]], into: &reassembler) == .incomplete)
        guard case .complete(let frame) = insert(three[order[2]], into: &reassembler) else {
            Issue.record("not complete")
            return
        }
        let packet = try #require(Packet(frame))
        #expect(packet.payload == payload)
        #expect(
            packet.ethernet == EthernetHeader(destination: builder.destination, source: builder.source, type: .ipv4))
        #expect(!packet.header.isFragment)
        #expect(packet.header.timeToLive == 61 && packet.header.typeOfService == 4)
        #expect(reassembler.isEmpty)
        #expect(reassembler.deadline == nil)
    }

    @Test func `Ethernet padding behind a fragment is no part of it`() {
        var reassembler = FragmentReassembler()
        insert(three[0], into: &reassembler)
        insert(three[1], into: &reassembler)
        let outcome = insert(three[2] + [9, 9, 9], into: &reassembler)
        guard case .complete(let frame) = outcome else {
            Issue.record("not complete")
            return
        }
        #expect(Packet(frame)?.payload == payload)
    }

    @Test func `an overlap drops the whole datagram`() {
        var reassembler = FragmentReassembler()
        insert(three[0], into: &reassembler)
        let overlapping = fragment(payload[1472..<2960], at: 1472, more: true)
        #expect(insert(overlapping, into: &reassembler) == .drop)
        #expect(reassembler.isEmpty)
    }

    @Test func `contradicting lengths drop the whole datagram`() {
        var reassembler = FragmentReassembler()
        insert(three[2], into: &reassembler)
        #expect(insert(fragment([1], at: 4000, more: false), into: &reassembler) == .drop)
        insert(three[2], into: &reassembler)
        #expect(insert(fragment(payload[0..<8], at: 4000, more: true), into: &reassembler) == .drop)
        insert(three[1], into: &reassembler)
        #expect(insert(fragment([1], at: 8, more: false), into: &reassembler) == .drop)
        #expect(reassembler.isEmpty)
    }

    @Test func `a fragment that cannot be one is dropped`() {
        var reassembler = FragmentReassembler()
        // Neither the last nor a multiple of eight bytes.
        #expect(insert(fragment(payload[0..<9], at: 0, more: true), into: &reassembler) == .drop)
        #expect(insert(fragment([], at: 8, more: false), into: &reassembler) == .drop)
        // Ends beyond 65535 bytes of packet: the old ping of death.
        #expect(insert(fragment(payload[0..<24], at: 65504, more: false), into: &reassembler) == .drop)
        #expect(reassembler.isEmpty)
    }

    @Test func `datagrams of other protocols and numbers do not mix`() {
        var reassembler = FragmentReassembler()
        insert(three[0], into: &reassembler)
        insert(fragment(payload[1480..<2960], at: 1480, more: true, id: 8), into: &reassembler)
        let outcome = insert(fragment(payload[1480...], at: 1480, more: false, proto: .icmp), into: &reassembler)
        #expect(outcome == .incomplete)
    }

    @Test func `a datagram is given up after half a minute`() {
        var reassembler = FragmentReassembler()
        insert(three[0], into: &reassembler)
        #expect(reassembler.deadline == now.adding(milliseconds: 30_000))
        reassembler.expire(now: now.adding(milliseconds: 29_999))
        #expect(!reassembler.isEmpty)
        reassembler.expire(now: now.adding(milliseconds: 30_000))
        #expect(reassembler.isEmpty)
    }

    @Test func `a flood pushes out its own oldest and stays below the limits`() {
        var reassembler = FragmentReassembler()
        for id in UInt16(0)..<100 {
            insert(fragment(payload[0..<8], at: 65496, more: true, id: id), into: &reassembler)
        }
        for offset in stride(from: 0, to: 60_000, by: 8) {
            insert(fragment(payload[0..<8], at: offset, more: true, id: 1000), into: &reassembler)
        }
        for id in UInt16(1001)..<1100 {
            for offset in stride(from: 0, to: 58_000, by: 2000) {
                insert(fragment(payload[0..<2000], at: offset, more: true, id: id), into: &reassembler)
            }
            #expect(reassembler.heldByteCount <= FragmentReassembler.maximumBytes)
        }
        #expect(insert(fragment(payload[0..<1480], at: 0, more: true, id: 2000), into: &reassembler) == .incomplete)
        let last = insert(fragment(payload[1480..<1500], at: 1480, more: false, id: 2000), into: &reassembler)
        guard case .complete = last else {
            Issue.record("a flood keeps honest datagrams out")
            return
        }
    }
}
