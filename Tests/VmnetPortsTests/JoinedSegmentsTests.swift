import Testing
import VmnetPorts
import VmnetTesting
import VmnetWire

@Suite struct JoinedSegmentsTests {
    private let builder = FrameBuilder(from: "52:54:00:00:00:01", to: "52:54:00:00:00:02")
    private let offload = OffloadDescriptor(segmentation: .tcpv4, segmentSize: 1460, headerLength: 54)

    private func payload(_ range: Range<Int>) -> [UInt8] { range.map { UInt8(truncatingIfNeeded: $0 / 251) } }

    private func segment(
        _ range: Range<Int>, flags: TCPHeader.Flags = .ack, from: Endpoint = "10.0.0.1:80",
        acknowledgement: UInt32 = 7, window: UInt16 = 100, checksum: FrameBuilder.Checksum = .correct
    ) -> [UInt8] {
        builder.tcp(
            from: from, to: "10.0.0.2:1025", flags: flags, sequence: UInt32(range.lowerBound),
            acknowledgement: acknowledgement, window: window, checksum: checksum, payload: payload(range))
    }

    /// The frame that the first becomes when the others come after it, and whether each was joined.
    private func joined(_ first: [UInt8], _ others: [[UInt8]]) throws -> (frame: [UInt8], joined: [Bool]) {
        var segments = JoinedSegments()
        segments.begin(first.span, try SuperFrameHeaders(parsing: first.span, offload), offload)
        var results: [Bool] = []
        for other in others { results.append(segments.join(other.span)) }
        let frame = segments.take { bytes, _ in [UInt8](copying: bytes) }
        let isEmpty = segments.isEmpty
        #expect(isEmpty)
        return (try #require(frame), results)
    }

    @Test func `segments in order become one, with the newest acknowledgement and window`() throws {
        let (frame, results) = try joined(
            segment(0..<8182),
            [
                segment(8182..<16364, acknowledgement: 8, window: 200),
                segment(16364..<16400, flags: [.ack, .psh], acknowledgement: 9, window: 300),
            ])
        #expect(results == [true, true])
        let whole = segment(
            0..<16400, flags: [.ack, .psh], acknowledgement: 9, window: 300, checksum: .partial)
        // flags: needs checksum; TCP over IPv4; header length 54; segment size 1460; start 34, offset 16; one buffer
        #expect(frame == [1, 1, 54, 0, 0xb4, 0x05, 34, 0, 16, 0, 1, 0] + whole)
    }

    @Test func `what must be told apart stays apart`() throws {
        let others = [
            segment(8183..<30000), segment(0..<8182), segment(8182..<30000, from: "10.0.0.1:81"),
            segment(8182..<30000, from: "10.0.0.3:80"), segment(8182..<30000, flags: [.ack, .fin]),
            segment(8182..<30000, flags: [.ack, .cwr]), segment(8182..<8182),
            builder.udp(from: "10.0.0.1:80", to: "10.0.0.2:1025", payload: [1]),
            builder.tcp(
                from: "10.0.0.1:80", to: "10.0.0.2:1025", flags: .ack, sequence: 8182, acknowledgement: 7,
                window: 100, options: [1, 1, 1, 1], payload: [1]), [1, 2, 3],
        ]
        let (frame, results) = try joined(segment(0..<8182), others)
        #expect(results == [Bool](repeating: false, count: others.count))
        #expect(Array(frame[12...]) == segment(0..<8182, checksum: .partial))
    }

    @Test func `no more is joined than half of a window`() throws {
        let (frame, results) = try joined(
            segment(0..<16364), [segment(16364..<32728), segment(32728..<32768), segment(32768..<32769)])
        #expect(results == [true, true, false])
        #expect(frame.count == 12 + 54 + 32768)
    }
}
