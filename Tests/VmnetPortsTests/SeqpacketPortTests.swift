import Testing
import VmnetPorts
import VmnetSwitch
import VmnetSystem
import VmnetWire

@Suite struct SeqpacketPortTests {
    let port: SeqpacketPort
    let guest: GuestEnd

    init() throws {
        let pair = try Socket.pair(.seqpacket)
        guest = GuestEnd(try pair.second.duplicate())
        port = try SeqpacketPort(try pair.first.duplicate(), buffers: TransportBuffers())
    }

    @Test func `each record is a frame`() {
        let frames = (0..<90).map { frame(14 + $0, $0) }
        for frame in frames { #expect(guest.send(frame)) }
        #expect(port.receiveAll() == (frames, .drained))
    }

    @Test func `an empty record is ignored and is no end`() {
        #expect(guest.send([]))
        #expect(port.receiveAll() == ([], .drained))
        #expect(guest.send([]))
        #expect(guest.send(frame(60, 1)))
        #expect(port.receiveAll() == ([frame(60, 1)], .drained))
    }

    @Test func `any number of empty records is no end`() {
        for _ in 0..<3 {
            for _ in 0..<64 { #expect(guest.send([])) }
            #expect(port.receiveAll().outcome == .drained)
        }
        #expect(guest.send(frame(60, 1)))
        #expect(port.receiveAll() == ([frame(60, 1)], .drained))
    }

    @Test func `what a guest sent before it left is received`() {
        #expect(guest.send(frame(60, 1)))
        #expect(guest.send([]))
        #expect(guest.send(frame(60, 2)))
        guest.close()
        #expect(
            port.receiveAll() == ([frame(60, 1), frame(60, 2)], .closed(reason: "the guest closed the connection")))
    }

    @Test func `a guest that leaves closes the port`() {
        guest.close()
        #expect(port.receiveAll() == ([], .closed(reason: "the guest closed the connection")))
        #expect(port.put(frame(60, 1)) == nil)
        port.flush()
        #expect(port.put(frame(60, 2)) == .transport)
        #expect(port.drops == [.transport: 1])
    }

    @Test func `a guest that does not read costs its own frames, and reads the others in order later`() throws {
        let taken = port.fill()
        #expect(port.isBlocked)
        #expect(taken.count > (1 << 20) / 1518)
        #expect(try readiness(port.descriptor, .writable) == [])
        var received: [[UInt8]] = []
        while received.count < taken.count {
            let messages = guest.receiveMessages()
            guard !messages.isEmpty else { break }
            received += messages
            port.flush()
        }
        #expect(received == taken)
        #expect(!port.isBlocked)
    }

    @Test func `runts and frames that are too long are counted`() {
        Socket.setBuffers(guest.raw, byteCount: 1 << 20)
        #expect(guest.send(frame(13, 1)))
        #expect(guest.send(frame(100_000, 4)))
        #expect(guest.send(frame(14, 5)))
        #expect(port.receiveAll() == ([frame(14, 5)], .drained))
        #expect(port.drops == [.malformed: 1, .oversize: 1])
    }
}
