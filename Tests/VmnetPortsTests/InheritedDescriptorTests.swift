import Glibc
import SystemPackage
import Testing
import VmnetPorts
import VmnetSystem
import VmnetTesting

@Suite struct InheritedDescriptorTests {
    @Test func `a stream end becomes a stream port`() throws {
        let port = try adopt(.stream)
        #expect(port.transport is StreamPort)
        #expect(port.guest.send(encode([frame(60, 1)])))
        #expect(port.transport.receiveAll() == ([frame(60, 1)], .drained))
    }

    @Test func `a datagram end becomes a datagram port`() throws {
        let port = try adopt(.datagram)
        #expect(port.transport is DatagramPort)
        #expect(port.guest.send(frame(60, 1)))
        #expect(port.transport.receiveAll() == ([frame(60, 1)], .drained))
    }

    @Test func `a record end becomes a record port`() throws {
        let port = try adopt(.seqpacket)
        #expect(port.transport is SeqpacketPort)
        #expect(port.guest.send(frame(60, 1)))
        #expect(port.transport.receiveAll() == ([frame(60, 1)], .drained))
    }

    @Test func `an inherited descriptor becomes non-blocking and is not inherited further`() throws {
        let port = try adopt(.stream)
        let raw = try #require(port.transport.descriptor)
        #expect(fcntl(raw, F_GETFL) & O_NONBLOCK != 0)
        #expect(fcntl(raw, F_GETFD) & FD_CLOEXEC != 0)
    }

    @Test func `a number without anything open is refused`() {
        #expect(refusal(1_000_000) == "nothing is open at that number")
    }

    @Test func `a file is refused`() throws {
        let directory = TemporaryDirectory()
        let path = directory.file("plain")
        try File.replace(path, with: [1, 2, 3].span)
        // Safety: the string lives for the call.
        #expect(refusal(unsafe open(path, O_RDONLY)) == "it has to be a socket, or a TAP interface")
    }

    @Test(arguments: [SocketKind.stream, .datagram, .seqpacket])
    func `a socket without a peer is refused`(kind: SocketKind) throws {
        let expected = "hand over a connected socket; for one that guests connect to, give its path instead"
        #expect(refusal(try Socket.unix(kind).release()) == expected)
        let directory = TemporaryDirectory()
        let listening = try BoundSocket(kind, path: directory.file("net"))
        #expect(refusal(try Descriptor.duplicate(listening.descriptor).release()) == expected)
    }

    private func adopt(_ kind: SocketKind) throws -> (transport: any Transport, guest: GuestEnd) {
        let pair = try Socket.pair(kind)
        try pair.first.setNonBlocking(false)
        let guest = GuestEnd(try pair.second.duplicate())
        let transport = try InheritedDescriptor.transport(
            try pair.first.duplicate().release(), buffers: TransportBuffers())
        return (transport, guest)
    }

    private func refusal(_ raw: Int32) -> String? {
        do throws(SystemError) {
            _ = try InheritedDescriptor.transport(raw, buffers: TransportBuffers())
            return nil
        } catch {
            #expect(error.operation == "use descriptor \(raw) as a guest")
            return error.remedy
        }
    }
}
