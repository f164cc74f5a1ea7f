import Testing
import VmnetPorts
import VmnetSwitch
import VmnetTesting
import VmnetWire

@Suite struct FrameQueueTests {
    @Test func `frames are queued in order, each behind its length`() {
        let queue = Queue()
        #expect(queue.capacity == 0)
        for seed in 0..<3 { #expect(queue.put(frame(20 + seed, seed)) == nil) }
        #expect(queue.bytes == encode([frame(20, 0), frame(21, 1), frame(22, 2)]))
        #expect(queue.records == [frame(20, 0), frame(21, 1), frame(22, 2)])
    }

    @Test func `a stream may take any number of bytes`() {
        let queue = Queue()
        let frames = (0..<200).map { frame(14 + $0 * 13, $0) }
        var taken: [UInt8] = []
        var random = SeededGenerator(seed: 7)
        for frame in frames {
            #expect(queue.put(frame) == nil)
            let count = Int(random.next() % UInt64(queue.byteCount + 1))
            taken += queue.bytes.prefix(count)
            queue.removeFirst(count)
        }
        #expect(taken + queue.bytes == encode(frames))
    }

    @Test func `what waits is counted in frames, one that a stream has a part of included`() {
        let queue = Queue()
        #expect(queue.depth == QueueDepth(frames: 0, byteCount: 0))
        let frames = (0..<100).map { frame(14 + $0 * 13, $0) }
        var boundaries = [0]
        for frame in frames {
            #expect(queue.put(frame) == nil)
            boundaries.append(boundaries[boundaries.count - 1] + 4 + frame.count)
        }
        var random = SeededGenerator(seed: 11)
        var taken = 0
        // Frames come as others go, so that the queue moves what it has to the front of its memory now and then.
        for _ in 0..<500 {
            let end = boundaries[boundaries.count - 1]
            #expect(queue.depth == QueueDepth(frames: boundaries.count { $0 > taken }, byteCount: end - taken))
            let count = min(Int(random.next() % 3000), end - taken)
            queue.removeFirst(count)
            taken += count
            #expect(queue.put(frame(1000, 0)) == nil)
            boundaries.append(end + 1004)
        }
        queue.removeFirst(queue.byteCount)
        #expect(queue.depth == QueueDepth(frames: 0, byteCount: 0))
    }

    @Test func `whole records may be taken`() {
        let queue = Queue()
        for seed in 0..<10 { #expect(queue.put(frame(100, seed)) == nil) }
        for _ in 0..<4 { queue.removeFirstRecord() }
        #expect(queue.records == (4..<10).map { frame(100, $0) })
        #expect(queue.removeAll() == 6)
        #expect(queue.isEmpty)
    }

    @Test func `ordinary frames are refused above the soft limit, held ones above the hard limit`() {
        let queue = Queue(FrameQueue(softLimit: 1000, hardLimit: 2000))
        // 4 bytes of length each: nine fit into 1000.
        for seed in 0..<9 { #expect(queue.put(frame(100, seed)) == nil) }
        #expect(queue.put(frame(100, 9)) == .queueFull)
        #expect(queue.heldRoom == 2000 - 9 * 104)
        for seed in 0..<10 { #expect(queue.put(frame(100, seed), .held) == nil) }
        #expect(queue.put(frame(100, 0), .held) == .queueFull)
        #expect(queue.put(frame(14, 0), .held) == nil)
        #expect(queue.records.count == 20)
    }

    @Test func `memory is at most twice the hard limit, and comes back after the burst`() {
        let queue = Queue(FrameQueue(softLimit: 1 << 20, hardLimit: 8 << 20))
        let full = frame(1514, 0)
        var held = 0
        while queue.put(full, .held) == nil { held += 1 }
        #expect(held == (8 << 20) / 1518)
        #expect(queue.capacity <= 16 << 20)
        // A guest that reads slowly at the limit: a frame out, a frame in.
        var isTaken = true
        for _ in 0..<20_000 {
            queue.removeFirstRecord()
            isTaken = isTaken && queue.put(full, .held) == nil
        }
        #expect(isTaken)
        #expect(queue.capacity <= 16 << 20)
        #expect(queue.removeAll() == held)
        #expect(queue.capacity == 0)
    }

    @Test func `a busy queue keeps its memory, one that has become quiet does not`() {
        let queue = Queue()
        let full = frame(1514, 0)
        func burst(_ frames: Int) {
            for _ in 0..<frames { _ = queue.put(full) }
            queue.removeFirst(queue.byteCount)
        }
        for _ in 0..<100 {
            burst(200)
            #expect(queue.capacity >= 200 * 1518)
        }
        for _ in 0..<16 { burst(1) }
        #expect(queue.capacity <= 64 << 10)
    }

    @Test func `frames that are no frames are refused`() {
        let queue = Queue()
        #expect(queue.put(frame(13, 0)) == .malformed)
        #expect(queue.put([]) == .malformed)
        #expect(queue.put(frame(Frame.maximumByteCount + 1, 0)) == .oversize)
        #expect(queue.isEmpty)
    }

    @Test func `a partial checksum is completed in the queue's copy`() {
        let queue = Queue()
        let partial = PartialUDP.frame
        #expect(queue.put(partial, offload: PartialUDP.offload) == nil)
        #expect(queue.records == [PartialUDP.completed])
        #expect(partial == PartialUDP.frame)
    }

    @Test func `a checksum outside of the frame is malformed`() {
        let queue = Queue()
        #expect(queue.put(frame(60, 0)) == nil)
        let outside = OffloadDescriptor(needsChecksum: true, checksumStart: 59, checksumOffset: 0)
        #expect(queue.put(frame(60, 1), offload: outside) == .malformed)
        #expect(queue.records == [frame(60, 0)])
    }

    @Test func `a super-frame is queued as its segments, behind what was there`() throws {
        let queue = Queue()
        #expect(queue.put(frame(60, 0)) == nil)
        #expect(queue.put(SuperSegment.frame(10_000), offload: SuperSegment.offload) == nil)
        let segments = Array(queue.records.dropFirst())
        #expect(segments.map(\.count) == [Int](repeating: 1502, count: 6) + [54 + 1312])
        #expect(segments.flatMap { $0[54...] } == Array(SuperSegment.frame(10_000)[54...]))
        for (index, segment) in segments.enumerated() {
            let header = try TCPHeader(parsing: segment.span.extracting(droppingFirst: 34))
            #expect(header.sequence == UInt32(index * 1448))
        }
    }

    @Test func `a super-frame is queued whole or not at all`() {
        // Seven records of 1506 bytes at most, the last one shorter: 10,406 bytes.
        for (limit, reason) in [(10_405, DropReason.queueFull), (10_406, nil)] {
            let queue = Queue(FrameQueue(softLimit: limit))
            #expect(queue.put(SuperSegment.frame(10_000), offload: SuperSegment.offload) == reason)
            #expect(queue.byteCount == (reason == nil ? 10_406 : 0))
        }
    }

    @Test func `a super-frame that is none is malformed`() {
        let queue = Queue()
        #expect(queue.put(frame(4000, 0), offload: SuperSegment.offload) == .malformed)
        #expect(queue.isEmpty)
    }

    @Test func `datagrams that the other side cannot cut are cut here, a header for each`() {
        let builder = FrameBuilder(from: "52:54:00:00:00:01", to: "52:54:00:00:00:02")
        func datagram(_ count: Int) -> [UInt8] {
            builder.udp(from: "10.0.0.1:1", to: "10.0.0.2:2", payload: [UInt8](repeating: 7, count: count))
        }
        let queue = Queue(FrameQueue(hasVirtioHeader: true, cutsDatagrams: false))
        let offload = OffloadDescriptor(segmentation: .udp, segmentSize: 1000)
        #expect(queue.put(datagram(2500), offload: offload) == nil)
        let plain: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0]
        #expect(queue.records.map { Array($0[..<12]) } == [plain, plain, plain])
        #expect(queue.records.map(\.count) == [12 + 1042, 12 + 1042, 12 + 542])
        #expect(queue.records[0][42 + 12] == 7)
    }

    @Test func `with a header the offload is passed on and the frame is as it was`() {
        let queue = Queue(FrameQueue(hasVirtioHeader: true))
        #expect(queue.put(PartialUDP.frame, offload: PartialUDP.offload) == nil)
        // flags: needs checksum; no segmentation; header length, segment size: 0; start 34, offset 6; one buffer
        let header: [UInt8] = [1, 0, 0, 0, 0, 0, 34, 0, 6, 0, 1, 0]
        #expect(queue.records == [header + PartialUDP.frame])
    }

    @Test func `with a header, segments with a whole checksum get the pseudo-header sum, as Linux wants it`() {
        let builder = FrameBuilder(from: "52:54:00:00:00:01", to: "52:54:00:00:00:02")
        func segment(_ checksum: FrameBuilder.Checksum) -> [UInt8] {
            builder.tcp(
                from: "10.0.0.1:1", to: "10.0.0.2:2", flags: .ack, checksum: checksum,
                payload: [UInt8](repeating: 7, count: 4000))
        }
        let queue = Queue(FrameQueue(hasVirtioHeader: true))
        let offload = OffloadDescriptor(segmentation: .tcpv4, segmentSize: 1460)
        #expect(queue.put(segment(.correct), offload: offload) == nil)
        // flags: needs checksum; TCP over IPv4; header length 54; segment size 1460; start 34, offset 16; one buffer
        let header: [UInt8] = [1, 1, 54, 0, 0xb4, 0x05, 34, 0, 16, 0, 1, 0]
        #expect(queue.records == [header + segment(.partial)])
        #expect(queue.put(frame(4000, 1), offload: offload) == .malformed)
    }
}

/// A queue as tests see it: by identity, and with arrays for frames.
private final class Queue {
    private var queue: FrameQueue

    init(_ queue: consuming FrameQueue = FrameQueue()) {
        self.queue = queue
    }

    var byteCount: Int { queue.byteCount }
    var isEmpty: Bool { queue.isEmpty }
    var heldRoom: Int { queue.heldRoom }
    var ordinaryRoom: Int { queue.ordinaryRoom }
    var capacity: Int { queue.capacity }
    var depth: QueueDepth { queue.depth }
    var bytes: [UInt8] { queue.withBytes { [UInt8](copying: $0) } }

    var records: [[UInt8]] {
        let bytes = bytes
        var records: [[UInt8]] = []
        var offset = 0
        while let record = queue.record(at: offset) {
            records.append(Array(bytes[record]))
            offset = record.upperBound
        }
        return records
    }

    func put(
        _ frame: [UInt8], _ urgency: FrameUrgency = .ordinary, offload: OffloadDescriptor = .none
    ) -> DropReason? {
        queue.enqueue(frame.span, offload: offload, urgency: urgency)
    }

    func removeFirst(_ byteCount: Int) { queue.removeFirst(byteCount) }
    func removeFirstRecord() { queue.removeFirstRecord() }
    func removeAll() -> Int { queue.removeAll() }
}

/// A TCP segment for several frames.
enum SuperSegment {
    static let offload = OffloadDescriptor(segmentation: .tcpv4, segmentSize: 1448)

    static func frame(_ payloadByteCount: Int) -> [UInt8] {
        FrameBuilder(from: "52:54:00:00:00:01", to: "52:54:00:00:00:02").tcp(
            from: "10.0.0.1:80", to: "10.0.0.2:1234", flags: .ack, payload: VmnetPortsTests.frame(payloadByteCount, 5))
    }
}

/// A UDP datagram of four bytes whose checksum is left to the device.
enum PartialUDP {
    static let offload = OffloadDescriptor(needsChecksum: true, checksumStart: 34, checksumOffset: 6)

    private static let headers: [UInt8] = [
        // Ethernet: to 52:54:00:00:00:02 from 52:54:00:00:00:01, IPv4
        0x52, 0x54, 0x00, 0x00, 0x00, 0x02, 0x52, 0x54, 0x00, 0x00, 0x00, 0x01, 0x08, 0x00,
        // IPv4: 32 bytes, TTL 64, UDP, 10.0.0.1 -> 10.0.0.2
        0x45, 0x00, 0x00, 0x20, 0x00, 0x00, 0x40, 0x00, 0x40, 0x11, 0x26, 0xcb, 10, 0, 0, 1, 10, 0, 0, 2,
        // UDP: 1234 -> 5678, 12 bytes
        0x04, 0xd2, 0x16, 0x2e, 0x00, 0x0c,
    ]
    private static let payload: [UInt8] = [0xde, 0xad, 0xbe, 0xef]

    /// The pseudo-header: 0a00 + 0001 + 0a00 + 0002 + 0011 + 000c = 1420.
    static let frame = headers + [0x14, 0x20] + payload
    /// And all the rest: 1420 + 04d2 + 162e + 000c + dead + beef = 1ccc8 -> ccc9, complemented 3336.
    static let completed = headers + [0x33, 0x36] + payload
}
