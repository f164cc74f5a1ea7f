import SystemPackage
import Testing
import VmnetSystem

@Suite struct BlockingSocketTests {
    @Test func `a client on the loopback is heard and answered`() throws {
        let listener = try BlockingSocket.listenOnLoopback()
        let client = try BlockingSocket.connect(to: 0x7f00_0001, port: try listener.port, timeout: .seconds(5))
        let server = try listener.accept()
        try server.setTimeout(.seconds(5))
        let message: [UInt8] = [1, 2, 3]
        try client.send(message.span)
        var buffer = [UInt8](repeating: 0, count: 16)
        #expect(try server.receive(into: &buffer) == 3)
        #expect(Array(buffer[..<3]) == message)
        server.shutDown()
        #expect(try client.receive(into: &buffer) == 0)
    }

    @Test func `more than fits at a time is sent to the end`() throws {
        let byteCount = 8 << 20
        let listener = try BlockingSocket.listenOnLoopback()
        let port = try listener.port
        let sending = try SystemThread(name: "test-sender") {
            guard let client = try? BlockingSocket.connect(to: 0x7f00_0001, port: port, timeout: .seconds(30)) else {
                return
            }
            let bytes = [UInt8](repeating: 7, count: byteCount)
            try? client.send(bytes.span)
        }
        let server = try listener.accept()
        try server.setTimeout(.seconds(30))
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        var received = 0
        while let count = try server.receive(into: &buffer), count > 0 { received += count }
        sending.join()
        #expect(received == byteCount)
    }

    @Test func `without a message the wait ends in time, with nothing`() throws {
        let pair = try Socket.pair(.datagram)
        let descriptor = pair.first
        let other = pair.second
        try descriptor.setNonBlocking(false)
        let socket = BlockingSocket(descriptor)
        try socket.setTimeout(.nanoseconds(1))
        var buffer: [UInt8] = [0]
        #expect(try socket.receive(into: &buffer) == nil)
        _ = consume other
    }

    @Test func `sending to nobody is an error and no signal`() throws {
        let pair = try Socket.pair(.stream)
        let descriptor = pair.first
        let other = pair.second
        try descriptor.setNonBlocking(false)
        let socket = BlockingSocket(descriptor)
        _ = consume other
        let byte: [UInt8] = [1]
        #expect(throws: SystemError("send on a socket", .brokenPipe)) { try socket.send(byte.span) }
    }

    @Test func `a listener that is shut down stops waiting`() throws {
        let listener = try BlockingSocket.listenOnLoopback()
        listener.shutDown()
        #expect(throws: SystemError("accept a connection", .invalidArgument)) { _ = try listener.accept() }
    }

    @Test(.enabled(if: Privilege.mayMakeNetworks, "/dev/net/tun cannot be opened, or this user has no root"))
    func `frames of an interface are sent and received with their Ethernet header`() async {
        await #expect(processExitsWith: .success) {
            try Namespace.unshare(.network)
            let tap = try TapInterface(creating: "eth0", hasVirtioHeader: false)
            try InterfaceControl().bringUp("eth0")
            let socket = try BlockingSocket.ethernet(on: "eth0")
            try socket.setTimeout(.seconds(5))
            // Destination and source, type IPv4, and an empty packet.
            let header: [UInt8] = [
                0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02, 0x00, 0x00, 0x00, 0x00, 0x07, 0x08, 0x00,
            ]
            let frame = header + [UInt8](repeating: 0, count: 46)
            let written = tap.descriptor.write(frame.span)
            #expect(written == .moved(60))
            var buffer = [UInt8](repeating: 0xee, count: 100)
            #expect(try socket.receive(into: &buffer) == 60)
            #expect(Array(buffer[..<60]) == frame)

            try socket.send(frame.span)
            try tap.descriptor.setNonBlocking(false)
            var seen = [UInt8](repeating: 0xee, count: 2000)
            // The kernel's own messages for IPv6 may come first.
            repeat {
                var room = seen.mutableSpan
                guard case .moved(let count) = tap.descriptor.read(into: &room), count >= 14 else { break }
            } while Array(seen[12..<14]) != [0x08, 0x00]
            #expect(Array(seen[..<60]) == frame)
        }
    }
}
