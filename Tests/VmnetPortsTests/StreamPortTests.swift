import Glibc
import SystemPackage
import Testing
import VmnetPorts
import VmnetSwitch
import VmnetSystem
import VmnetTesting
import VmnetWire

@Suite struct StreamPortTests {
    let port: StreamPort
    let guest: GuestEnd

    init() throws {
        let pair = try Socket.pair(.stream)
        guest = GuestEnd(try pair.second.duplicate())
        port = try StreamPort(try pair.first.duplicate(), buffers: TransportBuffers())
    }

    @Test func `its socket holds more for the guest than others, and not less than it did`() throws {
        func room(_ descriptor: Int32) -> Int32 {
            var value: Int32 = 0
            var byteCount = socklen_t(MemoryLayout<Int32>.size)
            // Safety: an option of the size of an integer.
            #expect(unsafe getsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &value, &byteCount) == 0)
            return value
        }
        let pair = try Socket.pair(.stream)
        #expect(room(try #require(port.descriptor)) > room(pair.second.raw))
        Socket.setBuffers(pair.first.raw, byteCount: 4 << 20)
        let before = room(pair.first.raw)
        let deep = try StreamPort(try pair.first.duplicate(), buffers: TransportBuffers())
        #expect(room(try #require(deep.descriptor)) == before)
    }

    @Test(arguments: [false, true])
    func `its guest reads segments one by one, unless a header tells how to cut them`(hasVirtioHeader: Bool) throws {
        let pair = try Socket.pair(.stream)
        let port = try StreamPort(
            try pair.first.duplicate(), buffers: TransportBuffers(), hasVirtioHeader: hasVirtioHeader)
        #expect(port.isReadBySegment == !hasVirtioHeader)
    }

    @Test func `frames of one write are received in one batch`() {
        let frames = (0..<50).map { frame(14 + $0 * 30, $0) }
        #expect(guest.send(encode(frames)))
        var batch: [[UInt8]] = []
        let outcome = port.receive { frame, _ in batch.append([UInt8](copying: frame)) }
        #expect(outcome == .drained)
        #expect(batch == frames)
        #expect(port.receiveAll() == ([], .drained))
    }

    @Test func `a frame that comes byte by byte comes out whole`() {
        let bytes = encode([frame(20, 1), frame(14, 2)])
        var received: [[UInt8]] = []
        for byte in bytes {
            #expect(guest.send([byte]))
            received += port.receiveAll().frames
        }
        #expect(received == [frame(20, 1), frame(14, 2)])
    }

    @Test func `a full batch says that there may be more`() {
        let frames = (0..<400).map { frame(1000, $0) }
        // More than one batch, which the guest's socket does not take at once.
        var pending = encode(frames)[...]
        var outcomes: [ReceiveOutcome] = []
        var received: [[UInt8]] = []
        while !pending.isEmpty || outcomes.last == .more {
            if case .moved(let count) = Socket.send(guest.raw, Array(pending).span) {
                pending = pending.dropFirst(count)
            }
            outcomes.append(port.receive { frame, _ in received.append([UInt8](copying: frame)) })
        }
        #expect(received == frames)
        #expect(outcomes.allSatisfy { $0 == .more || $0 == .drained })
    }

    @Test func `a guest with many small frames leaves others their turns, and one with long frames is read as ever`() {
        func batches(of frames: [[UInt8]]) -> [Int] {
            var pending = encode(frames)[...]
            var counts: [Int] = []
            while counts.reduce(0, +) < frames.count {
                while case .moved(let count) = Socket.send(guest.raw, Array(pending).span), count > 0 {
                    pending = pending.dropFirst(count)
                }
                var count = 0
                _ = port.receive { _, _ in count += 1 }
                counts.append(count)
            }
            return counts
        }
        #expect(batches(of: (0..<6000).map { frame(60, $0) }).dropFirst().allSatisfy { $0 <= 513 })
        let counts = batches(of: (0..<500).map { frame(1500, $0) })
        #expect(counts.max() ?? 0 > 100, "\(counts)")
    }

    @Test func `an answer may be queued while its frame is handled`() {
        #expect(guest.send(encode([frame(60, 1), frame(60, 2)])))
        let outcome = port.receive { frame, offload in
            #expect(port.enqueue(frame, offload: offload, urgency: .ordinary) == nil)
        }
        #expect(outcome == .drained)
        #expect(guest.receive() == nil)
        port.flush()
        #expect(guest.receive() == encode([frame(60, 1), frame(60, 2)]))
    }

    @Test func `a guest that does not read costs its own frames, and reads the others in order later`() {
        let taken = port.fill()
        #expect(port.isBlocked)
        #expect(port.put(frame(1514, 0)) == .queueFull)
        #expect(taken.count > (1 << 20) / 1518)
        #expect(taken.count < (3 << 20) / 1518)
        #expect(port.drops == [:])
        var received: [UInt8] = []
        // Odd pieces, so that writes end within frames.
        while let piece = guest.receive(12_345) {
            received += piece
            port.flush()
        }
        #expect(!port.isBlocked)
        #expect(received == encode(taken))
    }

    @Test func `held frames are taken up to the hard limit and none is lost`() {
        let ordinary = port.fill()
        #expect(port.heldRoom > 6 << 20)
        let held = port.fill(.held)
        #expect(port.heldRoom < 1518)
        #expect(held.count > (6 << 20) / 1518)
        var byteCount = 0
        while let piece = guest.receive(1 << 20) {
            byteCount += piece.count
            port.flush()
        }
        #expect(byteCount == (ordinary.count + held.count) * 1518)
        #expect(port.heldRoom == FrameQueue.defaultHardLimit)
    }

    @Test func `a blocked port becomes writable when the guest reads`() throws {
        _ = port.fill()
        #expect(try readiness(port.descriptor, .writable) == [])
        while guest.receive() != nil {}
        #expect(try readiness(port.descriptor, .writable) == .writable)
    }

    @Test func `a guest that leaves is told apart from one that leaves in the middle of a frame`() {
        #expect(guest.send(encode([frame(60, 1)])))
        guest.close()
        #expect(port.receiveAll() == ([frame(60, 1)], .drained))
        #expect(port.receiveAll() == ([], .closed(reason: "the guest closed the connection")))
    }

    @Test(arguments: [1, 3, 4, 5, 63])
    func `an abrupt end in mid-frame closes the port`(byteCount: Int) {
        #expect(guest.send(Array(encode([frame(60, 1)]).prefix(byteCount))))
        #expect(port.receiveAll() == ([], .drained))
        guest.close()
        #expect(
            port.receiveAll() == ([], .closed(reason: "the guest closed the connection in the middle of a frame")))
    }

    @Test func `frames for a guest that has gone are dropped`() {
        guest.close()
        #expect(port.put(frame(60, 1)) == nil)
        port.flush()
        #expect(!port.isBlocked)
        #expect(port.put(frame(60, 2)) == .transport)
        #expect(port.receiveAll().outcome == .closed(reason: "the guest closed the connection"))
    }

    @Test func `a length beyond QEMU's closes the port with the number`() {
        // 73,729 = 0x12001
        #expect(guest.send(encode([frame(60, 1)]) + [0x00, 0x01, 0x20, 0x01]))
        #expect(
            port.receiveAll()
                == (
                    [frame(60, 1)],
                    .closed(
                        reason: "the guest announced a frame of 73729 bytes; the longest possible is 69632")
                ))
    }

    @Test func `runts and frames that are too long are counted`() {
        #expect(guest.send(encode([[], frame(13, 1), frame(60, 2), frame(65_554, 3), frame(60, 4)])))
        #expect(port.receiveAll() == ([frame(60, 2), frame(60, 4)], .drained))
        #expect(port.drops == [.malformed: 2, .oversize: 1])
        #expect(port.drops == [:])
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `random bytes close the port or are counted, nothing else`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var outcome = ReceiveOutcome.drained
        for _ in 0..<50 where outcome == .drained {
            var bytes = random.bytes(Int(random.next() % 500))
            if bytes.count > 3, random.next() % 8 != 0 { bytes.replaceSubrange(0..<2, with: [0, 0]) }
            guard guest.send(bytes) else { break }
            let batch = port.receiveAll()
            #expect(batch.frames.allSatisfy { (14...Frame.maximumByteCount).contains($0.count) })
            outcome = batch.outcome
        }
        switch outcome {
        case .drained: break
        case .more: Issue.record("the batch was drained")
        case .closed(let reason): #expect(reason.contains("announced a frame of"))
        }
    }

    @Test func `a partial checksum is completed before the guest sees it`() {
        #expect(port.put(PartialUDP.frame, offload: PartialUDP.offload) == nil)
        port.flush()
        #expect(guest.receive() == encode([PartialUDP.completed]))
    }

    @Test func `a successor goes on where a frame was cut each way`() throws {
        let pair = try Socket.pair(.stream)
        let guest = GuestEnd(try pair.second.duplicate())
        let incoming = encode([frame(300, 1), frame(400, 2)])
        var taken: [[UInt8]] = []
        var outgoing: [UInt8] = []
        let remainder: TransportRemainder?
        do {
            let port = try StreamPort(try pair.first.duplicate(), buffers: TransportBuffers())
            #expect(guest.send(Array(incoming[..<350])))
            #expect(port.receiveAll() == ([frame(300, 1)], .drained))
            taken = port.fill()
            port.flush()
            #expect(port.isBlocked)
            remainder = port.remainder()
        }
        let port = try StreamPort(
            try pair.first.duplicate(), buffers: TransportBuffers(), resuming: try #require(remainder))
        #expect(guest.send(Array(incoming[350...])))
        #expect(port.receiveAll() == ([frame(400, 2)], .drained))
        // Before what was cut has gone, a second successor would have to send the same.
        port.flush()
        #expect(port.remainder()?.unsent == remainder?.unsent)
        #expect(port.put(frame(500, 3)) == nil)
        while let bytes = guest.receive() {
            outgoing += bytes
            port.flush()
        }
        let sent = encode(taken)
        let last = encode([frame(500, 3)])
        #expect(outgoing.suffix(last.count) == last[...])
        // Whole frames, of which the last were queued when the first port went.
        let whole = outgoing.count - last.count
        #expect(whole % encode([frame(1514, 0)]).count == 0)
        #expect(outgoing[..<whole] == sent[..<whole])
        #expect(port.remainder() == TransportRemainder())
    }

    @Test func `a stream within a frame that is skipped cannot be gone on with`() throws {
        // 14 bytes are the least.
        #expect(guest.send([0, 0, 0, 5, 1, 2]))
        #expect(port.receiveAll() == ([], .drained))
        #expect(port.remainder() == nil)
    }
}
