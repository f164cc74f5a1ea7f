import Glibc
import SystemPackage
import Testing
import VmnetSystem
import VmnetTesting

@Suite struct SocketTests {
    @Test(arguments: [SocketKind.stream, .datagram, .seqpacket])
    func `a pair is connected, non-blocking and closed on exec`(kind: SocketKind) throws {
        let pair = try Socket.pair(kind)
        let first = pair.first.raw
        let second = pair.second.raw
        for raw in [first, second] {
            #expect(try Socket.kind(of: raw) == kind)
            #expect(Socket.isConnected(raw))
            #expect(try !Socket.isListening(raw))
            #expect(fcntl(raw, F_GETFL) & O_NONBLOCK != 0)
            #expect(fcntl(raw, F_GETFD) & FD_CLOEXEC != 0)
        }
        #expect(send(first, [1, 2, 3]) == .moved(3))
        withExtendedLifetime(pair) {}
    }

    @Test func `sending to nobody is an error and no signal`() throws {
        let pair = try Socket.pair(.stream)
        let first = try pair.first.duplicate()
        do { _ = consume pair }
        #expect(send(first.raw, [1]) == .failed(.brokenPipe))
    }

    @Test func `a full socket would block`() throws {
        let pair = try Socket.pair(.stream)
        let first = pair.first.raw
        let block = [UInt8](repeating: 0, count: 1 << 20)
        var last = Transfer.moved(0)
        for _ in 0..<100 where last != .wouldBlock { last = send(first, block) }
        #expect(last == .wouldBlock)
        withExtendedLifetime(pair) {}
    }

    @Test func `a hang-up is seen without reading`() throws {
        let pair = try Socket.pair(.seqpacket)
        let first = try pair.first.duplicate()
        #expect(!Socket.hasHungUp(first.raw))
        do { _ = consume pair }
        #expect(Socket.hasHungUp(first.raw))
    }

    @Test func `what is not a socket has no kind`() throws {
        let wakeUp = try WakeUp()
        #expect(throws: SystemError.self) { try Socket.kind(of: wakeUp.descriptor) }
    }

    @Test func `accepting without a client is no error`() throws {
        let directory = TemporaryDirectory()
        let socket = try BoundSocket(.stream, path: directory.file("net"))
        #expect(try Socket.isListening(socket.descriptor))
        let nobody = try Socket.accept(socket.descriptor) == nil
        #expect(nobody)
        let client = try Socket.connect(.stream, to: socket.path)
        guard let accepted = try Socket.accept(socket.descriptor) else { throw Errno.wouldBlock }
        let connection = accepted.release()
        #expect(fcntl(connection, F_GETFL) & O_NONBLOCK != 0)
        #expect(fcntl(connection, F_GETFD) & FD_CLOEXEC != 0)
        close(connection)
        withExtendedLifetime(client) {}
    }

    @Test func `connecting to where nobody listens names the path`() {
        #expect(throws: SystemError("connect to the socket /nonexistent/net", .noSuchFileOrDirectory)) {
            _ = try Socket.connect(.stream, to: "/nonexistent/net")
        }
    }
}
