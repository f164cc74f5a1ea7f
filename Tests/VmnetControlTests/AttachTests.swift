import Glibc
import OpenVmnet
import Testing
import VmnetControl
import VmnetSystem

/// Guests that come by passed descriptor.
@Suite struct AttachTests {
    private let control: RunningControl

    init() throws {
        control = try RunningControl()
    }

    private var guests: [PortDocument] { get throws { try control.client.status().ports } }

    /// Waits for the server's thread, which may be at something else.
    private func eventually(_ condition: () throws -> Bool) throws {
        let deadline = ContinuousClock.now + .seconds(10)
        while try !condition() {
            try #require(ContinuousClock.now < deadline)
            usleep(2000)
        }
    }

    @Test(arguments: [SocketKind.stream, .datagram, .seqpacket])
    func `a socket of any kind becomes a guest`(kind: SocketKind) throws {
        let pair = try Socket.pair(kind)
        let guest = try control.client.attach(pair.first, AttachRequest(label: "vm 1", isIsolated: true))
        #expect(guest.network == NetworkDescription(control.network) && guest.network.name == "lab")
        let port = try #require(try guests.first)
        #expect(port.id == guest.port && port.transport == "vm 1" && port.isolated)
        _ = consume pair
    }

    @Test func `what is no guest is refused in words`() throws {
        let event = try WakeUp()
        let descriptor = try Descriptor.duplicate(event.descriptor)
        do throws(VmnetError) {
            _ = try control.client.attach(descriptor, AttachRequest())
            Issue.record("attached")
        } catch {
            #expect(error.code == .refused && error.message.contains("Socket operation on non-socket"), "\(error)")
        }
        #expect(try guests.isEmpty)
    }

    @Test func `a request without a descriptor, or in another language, is refused in words`() throws {
        for (text, part) in [
            (#"{"version":1}"#, "SCM_RIGHTS"), ("hello", "is not understood"), (#"{"version":9}"#, "version 9"),
        ] {
            let socket = try BlockingSocket.connect(.seqpacket, to: control.attachPath, timeout: .seconds(10))
            try socket.send(Array(text.utf8).span)
            var buffer = [UInt8](repeating: 0, count: 4096)
            let count = try #require(try socket.receive(into: &buffer))
            #expect(String(decoding: buffer[..<count], as: UTF8.self).contains(part))
            // And that was all.
            #expect(try socket.receive(into: &buffer) == 0)
        }
    }

    @Test func `a guest may be bound to the connection that brought it`() throws {
        let pair = try Socket.pair(.datagram)
        do {
            let guest = try control.client.attach(pair.first, AttachRequest(isWhileConnected: true))
            #expect(try guests.map(\.id) == [guest.port])
        }
        try eventually { try guests.isEmpty }
        _ = consume pair
    }

    @Test func `a guest's forwards have real ports, and end with it`() throws {
        let pair = try Socket.pair(.stream)
        do {
            let guest = try control.client.attach(pair.first, AttachRequest(isWhileConnected: true))
            let added = try guest.addForward(PortForward("tcp:0:10.78.0.2:80"))
            #expect("\(added)" != "tcp:127.0.0.1:0:10.78.0.2:80")
            let other = try guest.addForward(PortForward("udp:0:10.78.0.2:53"))
            #expect(control.network.forwards().map(\.forward) == [added, other])
            try guest.removeForward(other)
            #expect(control.network.forwards().map(\.forward) == [added])
            #expect(throws: VmnetError.self) { try guest.removeForward(other) }
            #expect(throws: VmnetError.self) { try guest.addForward(added) }
        }
        try eventually { control.network.forwards().isEmpty }
        _ = consume pair
    }

    @Test func `a guest has forwards only as long as its connection, and removes none of others`() throws {
        let forward = try control.network.addForward(PortForward("tcp:0:10.78.0.2:80"))
        let pair = try Socket.pair(.stream)
        let guest = try control.client.attach(pair.first, AttachRequest(isWhileConnected: true))
        #expect(throws: VmnetError.self) { try guest.removeForward(forward) }
        var request = AttachRequest(.addForward)
        request.forward = "tcp:0:80"
        let socket = try BlockingSocket.connect(.seqpacket, to: control.attachPath, timeout: .seconds(10))
        try socket.send(request.bytes.span)
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = try #require(try socket.receive(into: &buffer))
        #expect(String(decoding: buffer[..<count], as: UTF8.self).contains("no guest has come"))
        #expect(control.network.forwards().map(\.forward) == [forward])
        _ = consume pair
    }

    @Test func `a network says what it is to whoever may attach`() throws {
        let connection = try AttachConnection(path: control.attachPath)
        #expect(try connection.describe(key: nil) == NetworkDescription(control.network))
    }

    @Test func `headers before frames take a stream socket`() throws {
        var request = AttachRequest()
        request.hasVirtioHeader = true
        let stream = try Socket.pair(.stream)
        _ = try control.client.attach(stream.first, request)
        let datagram = try Socket.pair(.datagram)
        do throws(VmnetError) {
            _ = try control.client.attach(datagram.first, request)
            Issue.record("attached")
        } catch {
            #expect(error.code == .refused && error.message.contains("header"), "\(error)")
        }
        #expect(try guests.count == 1)
        _ = consume stream
    }

    @Test func `clients that say nothing give way to others`() throws {
        let idlers = try (0..<100).map { _ in Idler(try Socket.connect(.seqpacket, to: control.attachPath)) }
        let pair = try Socket.pair(.stream)
        _ = try control.client.attach(pair.first, AttachRequest())
        #expect(try guests.count == 1)
        withExtendedLifetime(idlers) {}
        _ = consume pair
    }

    /// A connection as an object, for a list of them.
    private final class Idler {
        let socket: Descriptor

        init(_ socket: consuming Descriptor) {
            self.socket = socket
        }
    }
}
