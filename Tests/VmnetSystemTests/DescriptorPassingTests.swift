import Glibc
import SystemPackage
import Testing
import VmnetSystem

@Suite struct DescriptorPassingTests {
    @Test(arguments: [SocketKind.stream, .datagram, .seqpacket])
    func `a descriptor arrives as another for the same file`(kind: SocketKind) throws {
        let pair = try Socket.pair(kind)
        let payload = try WakeUp()
        try DescriptorPassing.send(payload.descriptor, over: pair.first.raw)
        let received = try DescriptorPassing.receive(over: pair.second.raw)
        #expect(received.raw != payload.descriptor)
        #expect(fcntl(received.raw, F_GETFD) & FD_CLOEXEC != 0)
        payload.signal()
        let epoll = try Epoll()
        try epoll.add(received.raw, .readable, token: 1)
        var events = Epoll.EventList()
        try epoll.wait(into: &events, timeout: .zero)
        #expect(events.count == 1)
    }

    @Test func `a message comes with its descriptor, or without one`() throws {
        let pair = try Socket.pair(.seqpacket)
        let payload = try WakeUp()
        try DescriptorPassing.send(payload.descriptor, with: [1, 2, 3], over: pair.first.raw)
        #expect(send(pair.first.raw, [4, 5, 6, 7]) == .moved(4))
        var first = try DescriptorPassing.receive(maximumByteCount: 3, over: pair.second.raw)
        #expect(first.bytes == [1, 2, 3])
        let isThere = first.descriptor.take() != nil
        #expect(isThere)
        var second = try DescriptorPassing.receive(maximumByteCount: 3, over: pair.second.raw)
        #expect(second.bytes == [4, 5, 6])
        let isMissing = second.descriptor.take() == nil
        #expect(isMissing)
    }

    @Test func `a message without a descriptor says so`() throws {
        let pair = try Socket.pair(.stream)
        #expect(send(pair.first.raw, [1]) == .moved(1))
        #expect(receiving(over: pair.second.raw) == .noMessage)
    }

    @Test func `the end of a connection says so`() throws {
        let pair = try Socket.pair(.stream)
        let second = try pair.second.duplicate()
        do { _ = consume pair }
        #expect(receiving(over: second.raw) == .socketNotConnected)
        #expect(throws: SystemError("pass the descriptor 0", .brokenPipe)) {
            try DescriptorPassing.send(0, over: second.raw)
        }
    }

    @Test func `nothing to receive would block`() throws {
        let pair = try Socket.pair(.stream)
        #expect(receiving(over: pair.second.raw) == .wouldBlock)
        withExtendedLifetime(pair) {}
    }

    private func receiving(over socket: Int32) -> Errno? {
        do throws(SystemError) {
            _ = try DescriptorPassing.receive(over: socket)
            return nil
        } catch {
            return error.errno
        }
    }
}
