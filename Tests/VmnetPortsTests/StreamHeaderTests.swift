import Testing
import VmnetPorts
import VmnetSwitch
import VmnetSystem
import VmnetTesting
import VmnetWire

/// Streams between processes of ours: a virtio-net header before each frame.
@Suite struct StreamHeaderTests {
    private let network: StreamPort
    private let program: StreamPort

    init() throws {
        let pair = try Socket.pair(.stream)
        network = try StreamPort(try pair.first.duplicate(), buffers: TransportBuffers(), hasVirtioHeader: true)
        program = try StreamPort(
            try pair.second.duplicate(), buffers: TransportBuffers(), hasVirtioHeader: true, joinsSegments: false)
    }

    private func received(by port: StreamPort) -> [(frame: [UInt8], offload: OffloadDescriptor)] {
        var frames: [(frame: [UInt8], offload: OffloadDescriptor)] = []
        #expect(port.receive { frames.append(([UInt8](copying: $0), $1)) } == .drained)
        return frames
    }

    private let builder = FrameBuilder(from: "52:54:00:00:00:02", to: "52:54:00:00:00:01")

    private func segment(_ index: Int, byteCount: Int = 1460) -> [UInt8] {
        builder.tcp(
            from: "10.0.0.2:1", to: "10.0.0.1:80", flags: .ack, sequence: UInt32(index * 1460),
            payload: frame(byteCount, index))
    }

    @Test func `what is still to be done to a frame travels with it, both ways`() {
        let long = segment(0, byteCount: 40_000)
        var offload = OffloadDescriptor(segmentation: .tcpv4, segmentSize: 1460, headerLength: 54, needsChecksum: true)
        (offload.checksumStart, offload.checksumOffset) = (34, 16)
        for (from, to) in [(network, program), (program, network)] {
            #expect(from.put(long, offload: offload) == nil)
            #expect(from.put(frame(60, 1)) == nil)
            from.flush()
            let frames = received(by: to)
            #expect(frames.map(\.frame) == [long, frame(60, 1)])
            #expect(frames.map(\.offload) == [offload, .none])
        }
    }

    @Test func `the longest frame passes with its header, and a longer one is left out`() {
        let longest = frame(Frame.maximumByteCount, 1)
        #expect(program.put(longest) == nil)
        program.flush()
        var frames: [[UInt8]] = []
        while frames.isEmpty { _ = network.receive { frame, _ in frames.append([UInt8](copying: frame)) } }
        #expect(frames == [longest])
        #expect(program.put(frame(Frame.maximumByteCount + 1, 1)) == .oversize)
    }

    @Test func `the network joins segments, and the program gets them as they are`() {
        for (from, to, count) in [(program, network, 1), (network, program, 5)] {
            for index in 0..<5 { #expect(from.put(segment(index)) == nil) }
            from.flush()
            #expect(received(by: to).count == count)
        }
    }

    @Test func `a frame with something left to do does not pass those before it`() {
        for index in 0..<2 { #expect(program.put(segment(index)) == nil) }
        var partial = OffloadDescriptor(needsChecksum: true)
        (partial.checksumStart, partial.checksumOffset) = (34, 16)
        #expect(program.put(segment(2), offload: partial) == nil)
        program.flush()
        let frames = received(by: network)
        #expect(frames.map(\.frame.count) == [54 + 2 * 1460, 54 + 1460])
        #expect(frames.map(\.offload.needsChecksum) == [false, true])
    }

    @Test func `headers that contradict themselves, and frames without one, are left out and counted`() throws {
        let pair = try Socket.pair(.stream)
        let port = try StreamPort(try pair.first.duplicate(), buffers: TransportBuffers(), hasVirtioHeader: true)
        let guest = GuestEnd(try pair.second.duplicate())
        let plain = [UInt8](repeating: 0, count: 12)
        var odd = plain
        odd[1] = 9
        // 20 bytes are a header and 8 of a frame.
        #expect(guest.send(encode([odd + frame(60, 1), plain + frame(8, 2), plain + frame(14, 3)])))
        #expect(received(by: port).map(\.frame) == [frame(14, 3)])
        #expect(port.drops == [.malformed: 2])
    }

    @Test func `nobody else goes on with such a stream`() {
        #expect(network.remainder() == nil)
    }
}
