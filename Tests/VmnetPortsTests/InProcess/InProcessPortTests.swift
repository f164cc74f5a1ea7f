import Testing
import VmnetPorts
import VmnetSwitch
import VmnetSystem
import VmnetTesting
import VmnetWire

@Suite struct InProcessPortTests {
    private static let plain = PacketFormat(
        mtu: 1500, joinsSegments: false, leavesChecksums: false, hasVirtioHeader: false)

    @Test func `packets are read in order, once the batch has ended`() {
        let port = InProcessPort(Self.plain)
        let frames = (0..<10).map { frame(60 + $0, $0) }
        for frame in frames { #expect(port.put(frame) == nil) }
        #expect(port.ring.waitingCount == 0 && port.ring.take(10) == [])
        port.flush()
        #expect(port.ring.waitingCount == 10)
        #expect(port.ring.take(4) == Array(frames.prefix(4)))
        #expect(port.ring.take(100) == Array(frames.dropFirst(4)))
        #expect(port.ring.waitingCount == 0 && port.queueDepth == QueueDepth(frames: 0, byteCount: 0))
    }

    @Test func `a packet that the reader does not take stays, with all behind it`() {
        let port = InProcessPort(Self.plain)
        let frames = (0..<3).map { frame(60 + $0, $0) }
        for frame in frames { _ = port.put(frame) }
        port.flush()
        let reading = port.ring.read(upTo: 3) { index, _ in index < 1 }
        #expect(reading.count == 1)
        #expect(port.ring.take(3) == Array(frames.dropFirst()))
    }

    @Test func `what nobody reads is bounded, and what is held has more room`() {
        let port = InProcessPort(Self.plain)
        let ordinary = port.fill()
        #expect(ordinary.count == FrameQueue.defaultSoftLimit / 1518)
        #expect(port.put(frame(1514, 0)) == .queueFull)
        let held = port.fill(.held)
        port.flush()
        #expect((ordinary.count + held.count) * 1518 <= FrameQueue.defaultHardLimit)
        #expect(port.heldRoom < 1518 && port.ordinaryRoom == 0)
        var taken: [[UInt8]] = []
        while port.ring.waitingCount > 0 { taken += port.ring.take(256) }
        #expect(taken == ordinary + held)
        #expect(port.heldRoom == FrameQueue.defaultHardLimit)
    }

    @Test func `packets go through whole, however long, as the ring goes round and round`() {
        let port = InProcessPort(
            PacketFormat(mtu: 65521, joinsSegments: false, leavesChecksums: false, hasVirtioHeader: false))
        var random = SeededGenerator(seed: 3)
        var waiting: [[UInt8]] = []
        var byteCount = 0
        while byteCount < 5 * FrameQueue.defaultHardLimit {
            for _ in 0..<Int(random.next() % 40) {
                let next = frame(14 + Int(random.next() % 65522), byteCount)
                guard port.put(next, .held) == nil else { break }
                waiting.append(next)
                byteCount += next.count
            }
            port.flush()
            let taken = port.ring.take(Int(random.next() % 40))
            #expect(taken == Array(waiting.prefix(taken.count)))
            waiting.removeFirst(taken.count)
        }
    }

    @Test func `a reader on another thread gets every packet that was taken`() throws {
        let port = InProcessPort(Self.plain)
        let ring = port.ring
        let count = 100_000
        let reader = try SystemThread(name: "reader") {
            var next = 0
            while next < count {
                let reading = ring.read(upTo: 256) { index, packet in
                    guard packet.count == 60 + (next + index) % 1000, Int(packet.be32(at: 20)) == next + index else {
                        fatalError("packet \(next + index) is another one")
                    }
                    return true
                }
                next += reading.count
            }
        }
        var bytes = [UInt8](repeating: 0, count: 1100)
        for number in 0..<count {
            bytes.store(be16: UInt16(truncatingIfNeeded: number >> 16), at: 20)
            bytes.store(be16: UInt16(truncatingIfNeeded: number), at: 22)
            while port.enqueue(bytes.span.extracting(first: 60 + number % 1000), offload: .none, urgency: .ordinary)
                != nil
            { port.flush() }
            if number % 32 == 0 { port.flush() }
        }
        port.flush()
        reader.join()
        #expect(ring.waitingCount == 0)
    }

    @Test func `a read says that it has made room for somebody who waits, once`() {
        let port = InProcessPort(Self.plain)
        for seed in 0..<4 { _ = port.put(frame(60, seed)) }
        port.flush()
        #expect(!port.ring.read(upTo: 1) { _, _ in true }.isRoomAwaited)
        port.expectRoom()
        #expect(port.ring.read(upTo: 1) { _, _ in true }.isRoomAwaited)
        #expect(!port.ring.read(upTo: 1) { _, _ in true }.isRoomAwaited)
    }

    @Test func `a frame that is longer than the interface takes is dropped`() {
        let port = InProcessPort(Self.plain)
        #expect(port.put(frame(1515, 0)) == .oversize)
        #expect(port.put(frame(13, 0)) == .malformed)
        #expect(port.put(frame(1514, 0)) == nil)
    }

    @Test func `segments are joined for an interface with TSO, and cut for one without`() throws {
        let (segments, offload) = superFrame(payload: 4000, segmentSize: 1460)
        let whole = InProcessPort(
            PacketFormat(mtu: 1500, joinsSegments: true, leavesChecksums: false, hasVirtioHeader: false))
        #expect(whole.put(segments, offload: offload) == nil)
        whole.flush()
        #expect(whole.ring.take(4) == [segments])
        let cut = InProcessPort(Self.plain)
        #expect(cut.put(segments, offload: offload) == nil)
        cut.flush()
        #expect(cut.ring.take(4).map(\.count) == [1514, 1514, 14 + 20 + 20 + 1080])
    }

    @Test func `a partial checksum is completed without a virtio-net header, and told with one`() throws {
        let builder = FrameBuilder(from: "02:00:00:00:00:01", to: "02:00:00:00:00:02")
        let complete = builder.udp(from: "10.0.0.1:1", to: "10.0.0.2:2", payload: [1, 2, 3, 4])
        var partial = complete
        let found = TransportChecksum(of: complete.span)
        let checksum = try #require(found)
        partial.store(be16: checksum.pseudoHeaderSum, at: checksum.start + checksum.offset)
        let offload = OffloadDescriptor(
            needsChecksum: true, checksumStart: UInt16(checksum.start), checksumOffset: UInt16(checksum.offset))
        let port = InProcessPort(Self.plain)
        #expect(port.put(partial, offload: offload) == nil)
        port.flush()
        #expect(port.ring.take(1) == [complete])
        let other = InProcessPort(
            PacketFormat(mtu: 1500, joinsSegments: false, leavesChecksums: false, hasVirtioHeader: true))
        #expect(other.put(partial, offload: offload) == nil)
        other.flush()
        let packet = try #require(other.ring.take(1).first)
        #expect(try VirtioNetHeader(parsing: packet.span).offload == offload)
        #expect(Array(packet.dropFirst(12)) == partial)
    }

    /// A TCP super-frame with a whole checksum.
    private func superFrame(payload: Int, segmentSize: UInt16) -> ([UInt8], OffloadDescriptor) {
        let builder = FrameBuilder(from: "02:00:00:00:00:01", to: "02:00:00:00:00:02")
        let frame = builder.tcp(
            from: "10.0.0.1:1", to: "10.0.0.2:2", flags: .ack, sequence: 1,
            payload: [UInt8](repeating: 7, count: payload))
        return (frame, OffloadDescriptor(segmentation: .tcpv4, segmentSize: segmentSize, headerLength: 54))
    }
}

extension PacketRing {
    /// Reads up to `limit` packets.
    fileprivate func take(_ limit: Int) -> [[UInt8]] {
        var packets: [[UInt8]] = []
        _ = read(upTo: limit) { _, packet in
            packets.append([UInt8](copying: packet))
            return true
        }
        return packets
    }
}
