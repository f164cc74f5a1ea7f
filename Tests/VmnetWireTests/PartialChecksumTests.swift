import Testing
import VmnetTesting
import VmnetWire

@Suite struct PartialChecksumTests {
    private let guest = FrameBuilder(from: "52:54:00:12:34:56", to: "52:54:00:00:00:01")
    private let payload = [UInt8]("an odd payload".utf8.dropLast())

    @Test func `TCP and UDP of both versions are completed to what the sender would have written`() throws {
        typealias Build = (FrameBuilder.Checksum) -> [UInt8]
        let cases: [(start: Int, offset: Int, build: Build)] = [
            (34, 16, { guest.tcp(from: "10.0.0.1:1", to: "10.0.0.2:2", flags: .ack, checksum: $0, payload: payload) }),
            (34, 6, { guest.udp(from: "10.0.0.1:1", to: "10.0.0.2:2", checksum: $0, payload: payload) }),
            (
                54, 16,
                { guest.tcp(from: "[fd00::1]:1", to: "[fd00::2]:2", flags: .ack, checksum: $0, payload: payload) }
            ),
            (54, 6, { guest.udp(from: "[fd00::1]:1", to: "[fd00::2]:2", checksum: $0, payload: payload) }),
        ]
        for (start, offset, build) in cases {
            let partial = build(.partial)
            #expect(partial != build(.correct))
            #expect(try completed(partial, start: start, offset: offset) == build(.correct))
        }
    }

    /// The frame as a captured one would have left the kernel with offload: the pseudo-header's sum in the field.
    @Test func `a captured segment is completed to its captured checksum`() throws {
        var frame = Captured.tcpData
        // c0a8 + 4002 + c0a8 + 4001 + 0006 + 0025
        frame.store(be16: 0x0180, at: 50)
        #expect(try completed(frame, start: 34, offset: 16) == Captured.tcpData)
    }

    @Test func `a result of zero is zero`() throws {
        var segment = guest.tcp(
            from: "10.0.0.1:1", to: "10.0.0.2:2", flags: .ack, sequence: 0, acknowledgement: 0, checksum: .partial,
            payload: [0, 0])
        // The word that brings the sum to ffff, so that its complement is zero.
        let other = try completed(segment, start: 34, offset: 16)[50...51]
        segment.replaceSubrange(54...55, with: other)
        #expect(try completed(segment, start: 34, offset: 16)[50...51] == [0, 0])
    }

    @Test func `UDP's result of zero is stored as all ones, because its zero means that there is none`() throws {
        var datagram = guest.udp(from: "10.0.0.1:1", to: "10.0.0.2:2", checksum: .partial, payload: [0, 0])
        // The word that brings the sum to ffff, so that its complement is zero.
        let other = try completed(datagram, start: 34, offset: 6)[40...41]
        datagram.replaceSubrange(42...43, with: other)
        #expect(try completed(datagram, start: 34, offset: 6)[40...41] == [0xff, 0xff])
    }

    @Test func `only the field changes`() throws {
        var random = SeededGenerator(seed: 5)
        let frame = random.bytes(40)
        let result = try completed(frame, start: 7, offset: 11)
        #expect(result[..<18] == frame[..<18])
        #expect(result[20...] == frame[20...])
        #expect(result[18...19] != frame[18...19])
    }

    @Test(arguments: [(0, 0), (0, 38), (38, 0), (20, 18)])
    func `a field at either end of the frame is completed`(start: Int, offset: Int) throws {
        let frame = [UInt8](repeating: 0, count: 40)
        #expect(
            try completed(frame, start: start, offset: offset)[start + offset...start + offset + 1] == [0xff, 0xff])
    }

    @Test(arguments: [
        (0, 39), (0, 40), (39, 0), (40, 0), (41, 0), (20, 19), (65535, 65535), (-1, 5), (5, -1), (.max, 0), (0, .max),
        (.max, .max), (.min, .min),
    ])
    func `a field outside the frame is malformed and the frame untouched`(start: Int, offset: Int) {
        var frame = [UInt8](repeating: 0xab, count: 40)
        #expect(complete(&frame, start: start, offset: offset) == .malformed)
        #expect(frame == [UInt8](repeating: 0xab, count: 40))
    }

    @Test(arguments: 0..<2)
    func `a frame of less than two bytes has no field`(count: Int) {
        var frame = [UInt8](repeating: 0, count: count)
        #expect(complete(&frame, start: 0, offset: 0) == .malformed)
    }

    private func completed(_ frame: [UInt8], start: Int, offset: Int) throws -> [UInt8] {
        var frame = frame
        if let error = complete(&frame, start: start, offset: offset) { throw error }
        return frame
    }

    private func complete(_ frame: inout [UInt8], start: Int, offset: Int) -> WireError? {
        var span = frame.mutableSpan
        do throws(WireError) {
            try PartialChecksum.complete(in: &span, start: start, offset: offset)
            return nil
        } catch {
            return error
        }
    }
}
