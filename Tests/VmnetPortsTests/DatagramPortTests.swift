import Testing
import VmnetPorts
import VmnetSwitch
import VmnetSystem
import VmnetTesting
import VmnetWire

@Suite struct DatagramPortTests {
    let port: DatagramPort
    let guest: GuestEnd

    init() throws {
        let pair = try Socket.pair(.datagram)
        guest = GuestEnd(try pair.second.duplicate())
        port = try DatagramPort(try pair.first.duplicate(), buffers: TransportBuffers())
    }

    @Test func `each datagram is a frame, in batches of sixty-four`() {
        let frames = (0..<90).map { frame(14 + $0, $0) }
        for frame in frames { #expect(guest.send(frame)) }
        var received: [[UInt8]] = []
        #expect(port.receive { frame, _ in received.append([UInt8](copying: frame)) } == .more)
        #expect(received.count == 64)
        #expect(port.receive { frame, _ in received.append([UInt8](copying: frame)) } == .drained)
        #expect(received == frames)
    }

    @Test func `an empty datagram is ignored and ends nothing`() {
        #expect(guest.send([]))
        #expect(guest.send(frame(60, 1)))
        #expect(guest.send([]))
        #expect(port.receiveAll() == ([frame(60, 1)], .drained))
        #expect(guest.send(frame(60, 2)))
        #expect(port.receiveAll() == ([frame(60, 2)], .drained))
        #expect(port.drops == [.malformed: 2])
    }

    @Test func `runts and frames that are too long are counted`() {
        Socket.setBuffers(guest.raw, byteCount: 1 << 20)
        #expect(guest.send(frame(13, 1)))
        #expect(guest.send(frame(Frame.maximumByteCount, 2)))
        #expect(guest.send(frame(Frame.maximumByteCount + 1, 3)))
        #expect(guest.send(frame(100_000, 4)))
        #expect(guest.send(frame(14, 5)))
        #expect(port.receiveAll() == ([frame(Frame.maximumByteCount, 2), frame(14, 5)], .drained))
        #expect(port.drops == [.malformed: 1, .oversize: 2])
    }

    @Test func `an empty frame is never sent`() {
        #expect(port.put([]) == .malformed)
        #expect(port.put(frame(13, 1)) == .malformed)
        port.flush()
        #expect(guest.receive() == nil)
    }

    @Test func `an answer may be queued while its frame is handled`() {
        #expect(guest.send(frame(60, 1)))
        _ = port.receive { frame, offload in
            #expect(port.enqueue(frame, offload: offload, urgency: .ordinary) == nil)
        }
        port.flush()
        #expect(guest.receiveMessages() == [frame(60, 1)])
    }

    @Test func `a guest that does not read costs its own frames, and reads the others in order later`() throws {
        var taken = port.fill()
        #expect(port.isBlocked)
        // Connected to each other, the sockets hold far more than the eleven datagrams of others.
        #expect(taken.count > (1 << 20) / 1518 + 90)
        #expect(try readiness(port.descriptor, .writable) == [])
        #expect(port.put(frame(1514, 0)) == .queueFull)
        taken += port.fill(.held)
        var received: [[UInt8]] = []
        while received.count < taken.count {
            let messages = guest.receiveMessages()
            guard !messages.isEmpty else { break }
            #expect(try readiness(port.descriptor, .writable) == .writable)
            received += messages
            port.flush()
        }
        #expect(received == taken)
        #expect(!port.isBlocked)
        #expect(port.drops == [:])
    }

    @Test func `a guest that has gone costs frames, not the port`() {
        guest.close()
        for _ in 0..<3 {
            #expect(port.put(frame(60, 1)) == nil)
            #expect(port.put(frame(60, 2)) == nil)
            port.flush()
            #expect(!port.isBlocked)
            #expect(port.drops == [.transport: 2])
            #expect(port.receiveAll() == ([], .drained))
        }
    }

    @Test func `a frame that the socket cannot hold is dropped, those after it are sent`() {
        port.descriptor.map { Socket.setBuffers($0, byteCount: 4096) }
        #expect(port.put(frame(60_000, 1)) == nil)
        #expect(port.put(frame(60, 2)) == nil)
        port.flush()
        #expect(!port.isBlocked)
        #expect(guest.receiveMessages() == [frame(60, 2)])
        #expect(port.drops == [.oversize: 1])
    }

    @Test func `a partial checksum is completed before the guest sees it`() {
        #expect(port.put(PartialUDP.frame, offload: PartialUDP.offload) == nil)
        port.flush()
        #expect(guest.receiveMessages() == [PartialUDP.completed])
    }

    @Test func `random datagrams are frames or are counted`() {
        var random = SeededGenerator(seed: 3)
        var counted = 0
        var received = 0
        for _ in 0..<500 {
            let byteCount = Int(random.next() % 40)
            #expect(guest.send(random.bytes(byteCount)))
            received += port.receiveAll().frames.count
            if byteCount < 14 { counted += 1 }
        }
        #expect(received == 500 - counted)
        #expect(port.drops == [.malformed: UInt64(counted)])
    }
}
