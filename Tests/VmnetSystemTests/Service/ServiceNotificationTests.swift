import Glibc
import SystemPackage
import Testing
import VmnetSystem
import VmnetTesting

@Suite struct ServiceNotificationTests {
    let directory = TemporaryDirectory()

    @Test func `messages are lines of one datagram`() throws {
        let manager = try BoundSocket(.datagram, path: directory.file("notify"))
        let service = try connect(to: manager.path)
        try service.send(.ready, .status("2 guests"))
        try service.send(.stopping)
        try service.send(.remove(name: "guest-1"))
        #expect(read(manager.descriptor) == "READY=1\nSTATUS=2 guests")
        #expect(read(manager.descriptor) == "STOPPING=1")
        #expect(read(manager.descriptor) == "FDSTOREREMOVE=1\nFDNAME=guest-1")
        #expect(read(manager.descriptor) == nil)
    }

    @Test func `a descriptor comes with the message that names it`() throws {
        let manager = try BoundSocket(.datagram, path: directory.file("notify"))
        let service = try connect(to: manager.path)
        let pair = try Socket.pair(.stream)
        try service.send(.store(name: "guest-1"), passing: pair.first.raw)
        let stored = try DescriptorPassing.receive(over: manager.descriptor)
        #expect(Socket.send(stored.raw, [7].span) == .moved(1))
        #expect(read(pair.second.raw) == "\u{7}")
    }

    @Test func `a service manager that is not there is named`() {
        let path = directory.file("nobody")
        #expect(
            throws: SystemError(
                "reach the service manager at \(path)", .noSuchFileOrDirectory,
                remedy: "without a service manager, unset NOTIFY_SOCKET")
        ) {
            _ = try ServiceNotification.connect { _ in path }
        }
    }

    private func connect(to path: String) throws -> ServiceNotification {
        guard let service = try ServiceNotification.connect({ $0 == "NOTIFY_SOCKET" ? path : nil }) else {
            throw SystemError("connect", .noSuchFileOrDirectory)
        }
        return service
    }

    private func read(_ raw: Int32) -> String? {
        var bytes = [UInt8](repeating: 0, count: 200)
        var room = bytes.mutableSpan
        guard case .moved(let count) = Descriptor.read(raw, into: &room) else { return nil }
        return String(decoding: bytes[..<count], as: UTF8.self)
    }
}
