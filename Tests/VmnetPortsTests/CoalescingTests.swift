import Testing
import VmnetPorts
import VmnetSwitch
import VmnetSystem
import VmnetTesting
import VmnetWire

/// What transports without offload make of a batch.
@Suite struct CoalescingTests {
    @Test func `segments of one read of a stream come as one super-frame`() throws {
        let pair = try Socket.pair(.stream)
        let guest = GuestEnd(try pair.second.duplicate())
        let port = try StreamPort(try pair.first.duplicate(), buffers: TransportBuffers())
        #expect(guest.send(encode(Bulk.frames)))
        #expect(batch(of: port) == [Bulk.joined])
        // What a batch brought does not wait for the next one.
        #expect(guest.send(encode([Bulk.frames[0]])))
        #expect(batch(of: port) == [Received(bytes: Bulk.frames[0], offload: .none)])
    }

    @Test func `segments of several records come as one super-frame`() throws {
        let pair = try Socket.pair(.seqpacket)
        let guest = GuestEnd(try pair.second.duplicate())
        let port = try SeqpacketPort(try pair.first.duplicate(), buffers: TransportBuffers())
        for frame in Bulk.frames { #expect(guest.send(frame)) }
        #expect(batch(of: port) == [Bulk.joined])
    }

    @Test func `segments of several datagrams come as one super-frame`() throws {
        let pair = try Socket.pair(.datagram)
        let guest = GuestEnd(try pair.second.duplicate())
        let port = try DatagramPort(try pair.first.duplicate(), buffers: TransportBuffers())
        for frame in Bulk.frames { #expect(guest.send(frame)) }
        #expect(batch(of: port) == [Bulk.joined])
    }

    @Test func `ports that share their buffers do not mix what they bring`() throws {
        let buffers = TransportBuffers()
        for frames in [Bulk.frames[..<2], Bulk.frames[2...]] {
            let pair = try Socket.pair(.stream)
            let guest = GuestEnd(try pair.second.duplicate())
            let port = try StreamPort(try pair.first.duplicate(), buffers: buffers)
            #expect(guest.send(encode(Array(frames))))
            #expect(batch(of: port).map(\.bytes.count) == [54 + frames.count * 1460])
        }
    }

    @Test func `a super-frame from one guest reaches another as the segments that it was sent as`() throws {
        let source = try Socket.pair(.stream)
        let target = try Socket.pair(.stream)
        let buffers = TransportBuffers()
        let from = try StreamPort(try source.first.duplicate(), buffers: buffers)
        let to = try StreamPort(try target.first.duplicate(), buffers: buffers)
        let sender = GuestEnd(try source.second.duplicate())
        let receiver = GuestEnd(try target.second.duplicate())
        #expect(sender.send(encode(Bulk.frames)))
        _ = from.receive { frame, offload in
            #expect(to.enqueue(frame, offload: offload, urgency: .ordinary) == nil)
        }
        to.flush()
        #expect(receiver.receive() == encode(Bulk.frames))
    }

    private func batch(of port: some Transport) -> [Received] {
        var batch: [Received] = []
        #expect(port.receive { batch.append(Received(bytes: [UInt8](copying: $0), offload: $1)) } == .drained)
        return batch
    }
}

private struct Received: Equatable {
    let bytes: [UInt8]
    let offload: OffloadDescriptor
}

/// Segments of one connection, and what they are together.
private enum Bulk {
    private static let guest = FrameBuilder(from: "52:54:00:00:00:02", to: "52:54:00:00:00:01")

    static let frames = (0..<5).map { index in
        var frame = segment(sequence: UInt32(index * 1460), VmnetPortsTests.frame(1460, index))
        // Numbered as a sender does; cutting counts on from the first.
        let checksum = InternetChecksum.updated(frame.span.be16(at: 24), replacing: 0 as UInt16, by: UInt16(index))
        frame.store(be16: UInt16(index), at: 18)
        frame.store(be16: checksum, at: 24)
        return frame
    }

    static let joined = Received(
        bytes: segment(sequence: 0, (0..<5).flatMap { frame(1460, $0) }),
        offload: OffloadDescriptor(segmentation: .tcpv4, segmentSize: 1460, headerLength: 54))

    private static func segment(sequence: UInt32, _ payload: [UInt8]) -> [UInt8] {
        guest.tcp(from: "10.0.0.2:1", to: "10.0.0.1:80", flags: .ack, sequence: sequence, payload: payload)
    }
}
