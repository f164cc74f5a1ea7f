import Testing
import VmnetPorts
import VmnetSwitch
import VmnetSystem
import VmnetTesting
import VmnetWire

@Suite struct DatagramServerPortTests {
    /// Notices of one port, in order.
    final class Notices {
        var all: [String] = []
    }

    let directory = TemporaryDirectory()
    let notices = Notices()
    let server: String
    let port: DatagramServerPort

    init() throws {
        server = directory.file("net")
        port = try Self.makePort(server, notices)
    }

    private static func makePort(_ path: String, _ notices: Notices) throws -> DatagramServerPort {
        try DatagramServerPort(
            try BoundSocket(.datagram, path: path), buffers: TransportBuffers(), notice: { notices.all.append($0) })
    }

    private func guest(_ style: DatagramGuest.Style, _ name: String? = "guest") throws -> DatagramGuest {
        try DatagramGuest(style, path: name.map(directory.file), server: server)
    }

    /// Sends one frame each way.
    private func expectTraffic(with guest: DatagramGuest, _ seed: Int) {
        #expect(guest.send(frame(60, seed)))
        #expect(port.receiveAll() == ([frame(60, seed)], .drained))
        #expect(port.put(frame(70, seed)) == nil)
        port.flush()
        #expect(guest.receiveMessages() == [frame(70, seed)])
    }

    @Test(arguments: [DatagramGuest.Style.addressing, .connecting])
    func `a guest is answered at the address that it sends from`(style: DatagramGuest.Style) throws {
        let guest = try guest(style)
        for seed in 0..<3 { expectTraffic(with: guest, seed) }
        #expect(notices.all.isEmpty)
    }

    /// "VFKT", a runt, an empty datagram: each only makes the address known.
    @Test(
        arguments: [DatagramGuest.Style.addressing, .connecting],
        [([0x56, 0x46, 0x4b, 0x54], 0), ([1, 2, 3], 1), ([], 0)] as [([UInt8], UInt64)])
    func `a greeting makes a guest's address known`(
        style: DatagramGuest.Style, greeting: ([UInt8], UInt64)
    ) throws {
        let guest = try guest(style)
        #expect(guest.send(greeting.0))
        #expect(port.receiveAll() == ([], .drained))
        #expect(port.drops == (greeting.1 == 0 ? [:] : [.malformed: greeting.1]))
        #expect(port.put(frame(60, 1)) == nil)
        port.flush()
        #expect(guest.receiveMessages() == [frame(60, 1)])
    }

    @Test func `frames for nobody are refused`() {
        #expect(port.put(frame(60, 1)) == .transport)
        port.flush()
        #expect(!port.isBlocked)
    }

    @Test func `a guest that connects has a deep queue in both directions`() throws {
        let guest = try guest(.connecting)
        expectTraffic(with: guest, 0)
        for seed in 0..<60 { #expect(guest.send(frame(1514, seed))) }
        #expect(port.receiveAll().frames.count == 60)
        for seed in 0..<60 { #expect(port.put(frame(1514, seed)) == nil) }
        port.flush()
        #expect(!port.isBlocked)
        #expect(guest.receiveMessages().count == 60)
    }

    @Test(arguments: [DatagramGuest.Style.addressing, .connecting])
    func `a guest that does not read wakes nobody until it does`(style: DatagramGuest.Style) throws {
        let guest = try guest(style)
        expectTraffic(with: guest, 0)
        let taken = port.fill()
        #expect(port.isBlocked)
        #expect(port.put(frame(1514, 0)) == .queueFull)
        // The loop waits for both while the port is blocked.
        #expect(try readiness(port.descriptor) == [])

        var received: [[UInt8]] = []
        while received.count < taken.count {
            let messages = guest.receiveMessages()
            guard !messages.isEmpty else { break }
            received += messages
            #expect(try readiness(port.descriptor) == (port.isBlocked ? .readable : []))
            #expect(port.receiveAll() == ([], .drained))
        }
        #expect(received == taken)
        #expect(!port.isBlocked)
        #expect(try readiness(port.descriptor) == [])
        expectTraffic(with: guest, 1)
    }

    @Test(
        arguments: [DatagramGuest.Style.addressing, .connecting], [DatagramGuest.Style.addressing, .connecting])
    func `a restarted guest is served again, at the same path or another, whoever speaks first`(
        first: DatagramGuest.Style, second: DatagramGuest.Style
    ) throws {
        for (round, name) in ["guest", "guest", "other"].enumerated() {
            for isDaemonFirst in [false, true] {
                let before = try guest(first)
                expectTraffic(with: before, round)
                before.close()
                if isDaemonFirst {
                    #expect(port.put(frame(60, 99)) == nil)
                    port.flush()
                    #expect(port.drops == [.transport: 1])
                }
                let after = try guest(second, name)
                expectTraffic(with: after, round + 10)
            }
        }
        #expect(notices.all.isEmpty)
    }

    @Test func `an addressed guest that is back at its path is sent to before it has spoken`() throws {
        let before = try guest(.addressing)
        expectTraffic(with: before, 0)
        before.close()
        let after = try guest(.addressing)
        #expect(port.put(frame(60, 1)) == nil)
        port.flush()
        #expect(after.receiveMessages() == [frame(60, 1)])
        #expect(port.drops == [:])
    }

    @Test func `a guest that is away costs frames, not the port`() throws {
        let guest = try guest(.addressing)
        expectTraffic(with: guest, 0)
        guest.close()
        for _ in 0..<3 {
            #expect(port.put(frame(60, 1)) == nil)
            port.flush()
            #expect(!port.isBlocked)
            #expect(port.drops == [.transport: 1])
        }
        #expect(port.receiveAll() == ([], .drained))
        expectTraffic(with: try self.guest(.addressing), 1)
    }

    @Test func `a guest that addresses the path does not notice a restart of the network`() throws {
        let path = directory.file("restarted")
        let guest = try DatagramGuest(.addressing, path: directory.file("guest"), server: path)
        for seed in 0..<3 {
            let port = try Self.makePort(path, notices)
            #expect(guest.send(frame(60, seed)))
            #expect(port.receiveAll() == ([frame(60, seed)], .drained))
            #expect(port.put(frame(70, seed)) == nil)
            port.flush()
            #expect(guest.receiveMessages() == [frame(70, seed)])
        }
        #expect(!directory.contents.contains("restarted"))
        #expect(!guest.send(frame(60, 9)))
    }

    @Test(arguments: [DatagramGuest.Style.addressing, .connecting])
    func `a guest without an address is refused with the reason, once`(style: DatagramGuest.Style) throws {
        let nameless = try guest(style, nil)
        for seed in 0..<3 {
            #expect(nameless.send(frame(60, seed)))
            #expect(port.receiveAll() == ([], .drained))
        }
        #expect(port.drops == [.transport: 3])
        #expect(
            notices.all == [
                "\(server): a guest without an address of its own cannot be answered: "
                    + "let it bind its socket to a path first"
            ])
        // It is in nobody's way.
        expectTraffic(with: try guest(.connecting), 1)
    }

    @Test func `a guest whose address is gone is refused with the reason`() throws {
        let guest = try guest(.addressing)
        #expect(guest.send(frame(60, 1)))
        guest.close()
        #expect(port.receiveAll() == ([], .drained))
        #expect(port.drops == [.transport: 1])
        let reason = "cannot answer the guest at \(directory.file("guest")): Connection refused"
        #expect(notices.all == ["\(server): \(reason)"])
    }

    @Test func `runts, empty datagrams and frames that are too long end nothing`() throws {
        let guest = try guest(.connecting)
        expectTraffic(with: guest, 0)
        #expect(guest.send([]))
        #expect(guest.send(frame(13, 1)))
        #expect(guest.send(frame(66_000, 2)))
        expectTraffic(with: guest, 3)
        #expect(port.drops == [.malformed: 1, .oversize: 1])
    }

    @Test func `the path is removed with the port, and only then`() throws {
        let guest = try guest(.connecting)
        expectTraffic(with: guest, 0)
        #expect(directory.contents.contains("net"))
        let path = directory.file("second")
        do {
            let other = try Self.makePort(path, notices)
            #expect(directory.contents.contains("second"))
            withExtendedLifetime(other) {}
        }
        #expect(!directory.contents.contains("second"))
    }

    @Test(arguments: [DatagramGuest.Style.addressing, .connecting])
    func `a guest at a socket that was passed outlives the port, and may have a successor`(
        style: DatagramGuest.Style
    ) throws {
        let path = directory.file("passed")
        let manager = try BoundSocket(.datagram, path: path)
        let guest = try DatagramGuest(style, path: directory.file("one"), server: path)
        let other = try DatagramGuest(style, path: directory.file("two"), server: path)
        for seed in 0..<2 {
            let port = try DatagramServerPort(
                try BoundSocket(passed: .duplicate(manager.descriptor), name: "net"), buffers: TransportBuffers(),
                notice: { Issue.record("\($0)") })
            for guest in [guest, other, guest] {
                #expect(guest.send(frame(60, seed)))
                #expect(port.receiveAll() == ([frame(60, seed)], .drained))
                #expect(port.put(frame(70, seed)) == nil)
                port.flush()
                #expect(guest.receiveMessages() == [frame(70, seed)])
            }
            // Blocked, until the guest reads: then the port is ready again.
            let sent = port.fill()
            port.flush()
            #expect(port.isBlocked)
            var received: [[UInt8]] = []
            while received.count < sent.count {
                received += guest.receiveMessages()
                if port.isBlocked { #expect(try readiness(port.descriptor, .readable) == .readable) }
                #expect(port.receiveAll() == ([], .drained))
                port.flush()
            }
            #expect(received == sent)
        }
    }
}
