import Testing
import VmnetPorts
import VmnetSystem
import VmnetTesting
import VmnetWire

@Suite struct DatagramRunTests {
    private let builder = FrameBuilder(from: "52:54:00:00:00:01", to: "52:54:00:00:00:02")

    private func datagram(
        _ number: Int, _ byteCount: Int, from: Endpoint = "10.0.0.1:1025", to: Endpoint = "10.0.0.2:7",
        timeToLive: UInt8 = 64, checksum: FrameBuilder.Checksum = .partial
    ) -> [UInt8] {
        builder.udp(
            from: from, to: to, timeToLive: timeToLive, checksum: checksum,
            payload: (0..<byteCount).map { UInt8(truncatingIfNeeded: $0 / 7 + number) })
    }

    private func plain(_ frame: [UInt8]) -> [UInt8] { [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0] + frame }

    /// As a kernel gives it that leaves the checksum to the device.
    private func unfinished(_ frame: [UInt8]) -> [UInt8] {
        [1, 0, 0, 0, 0, 0, frame.count > 12 && frame[12] == 0x08 ? 34 : 54, 0, 6, 0, 1, 0] + frame
    }

    /// What the run hands on for these frames, each with its virtio header.
    private func run(_ frames: [[UInt8]]) -> [[UInt8]] {
        let batch = ReceiveBatch(slotByteCount: 17 * 4096)
        var run = DatagramRun()
        var results: [[UInt8]] = []
        for frame in frames {
            let start = run.readOffset
            batch.withMutableBytes(start..<(start + frame.count)) { bytes in
                for index in frame.indices { bytes[index] = frame[index] }
            }
            run.take(frame.count, in: batch) { results.append([UInt8](copying: $0)) }
        }
        run.flush(in: batch) { results.append([UInt8](copying: $0)) }
        let offset = run.readOffset
        #expect(offset == 0)
        return results
    }

    /// The datagrams that a super-frame becomes, with their checksums made.
    private func cut(_ bytes: [UInt8]) throws -> [[UInt8]] {
        let offload = try VirtioNetHeader(parsing: bytes.span).offload
        let frame = Array(bytes[VirtioNetHeader.byteCount...])
        #expect(offload.segmentation == .udp && offload.needsChecksum)
        let superFrame = try SuperFrame(parsing: frame.span, offload)
        return (0..<superFrame.count).map { index in
            [UInt8](capacity: superFrame.byteCount(of: index)) { superFrame.write(index, of: frame.span, to: &$0) }
        }
    }

    /// Without the identification, which nobody looks at, and the checksum with it.
    private func withoutIdentification(_ frame: [UInt8]) -> [UInt8] {
        var frame = frame
        guard frame[12] == 0x08 else { return frame }
        frame.store(be16: 0, at: 18)
        frame.store(be16: 0, at: 24)
        return frame
    }

    @Test(arguments: [("10.0.0.1:1025", "10.0.0.2:7"), ("[fd00::1]:1025", "[fd00::2]:7")] as [(Endpoint, Endpoint)])
    func `datagrams of one flow become one frame, which cuts into what they were`(
        from: Endpoint, to: Endpoint
    ) throws {
        for size in [1400, 70, 10, 1] {
            let sizes = [size, size, size, size, (size + 1) / 2]
            let frames = run(
                sizes.enumerated().map { unfinished(datagram($0, $1, from: from, to: to)) })
            #expect(frames.count == 1)
            let expected = sizes.enumerated().map { datagram($0, $1, from: from, to: to, checksum: .correct) }
            #expect(try cut(frames[0]).map(withoutIdentification) == expected.map(withoutIdentification))
        }
    }

    @Test func `what must be told apart stays apart, and in order`() {
        var fragmentable = datagram(1, 100)
        fragmentable.store(be16: 0, at: 20)
        fragmentable.store(be16: 0, at: 24)
        let sum = InternetChecksum.of(fragmentable.span.extracting(14..<34))
        fragmentable.store(be16: sum, at: 24)
        var damaged = datagram(2, 100)
        damaged[24] ^= 1
        let group = FrameBuilder(from: builder.source, to: "01:00:5e:00:00:01")
            .udp(from: "10.0.0.1:1025", to: "224.0.0.1:7", checksum: .partial, payload: [1, 2, 3])
        let frames =
            [
                datagram(0, 100), datagram(1, 100, from: "10.0.0.1:1026"), datagram(2, 100, to: "10.0.0.2:8"),
                datagram(3, 100, to: "10.0.0.3:8"), datagram(4, 100, timeToLive: 63), datagram(5, 101),
                datagram(6, 102), fragmentable, fragmentable, datagram(7, 0), datagram(8, 0), damaged, damaged,
                group, group, datagram(9, 300, to: "10.0.0.2:67"), datagram(9, 300, to: "10.0.0.2:67"),
                datagram(10, 100, from: "[fd00::1]:1025", to: "[fd00::2]:7"),
                builder.udp(from: "10.0.0.1:1025", to: "10.0.0.2:7", checksum: .partial, payload: [1]) + [0],
                builder.tcp(from: "10.0.0.1:1025", to: "10.0.0.2:7", flags: .ack, payload: [1]), [1, 2, 3],
            ].map(unfinished)
            + [plain(datagram(11, 100, checksum: .correct)), plain(datagram(12, 100, checksum: .correct))]
        #expect(run(frames) == frames)
    }

    @Test func `between the datagrams of a flow others keep their place`() throws {
        let short: [UInt8] = unfinished([UInt8](repeating: 9, count: 14))
        let frames = run(
            [0, 1].map { unfinished(datagram($0, 500)) } + [short] + [2, 3].map { unfinished(datagram($0, 500)) }
                + [unfinished(datagram(4, 20)), unfinished(datagram(5, 20))])
        #expect(frames.count == 4)
        #expect(try cut(frames[0]).map { $0[42] } == [0, 1])
        #expect(frames[1] == short)
        #expect(try cut(frames[2]).map { $0[42] } == [2, 3, 4])
        #expect(frames[3] == unfinished(datagram(5, 20)))
    }

    @Test func `no more is joined than a packet holds, or than Linux cuts`() throws {
        let long = run((0..<100).map { unfinished(datagram($0, 1400)) })
        #expect(try long.map { try cut($0).count } == [46, 46, 8])
        let short = run((0..<100).map { unfinished(datagram($0, 10)) })
        #expect(try short.map { try cut($0).count } == [64, 36])
    }
}
