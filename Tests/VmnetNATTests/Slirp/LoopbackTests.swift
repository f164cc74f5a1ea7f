import Testing
import VmnetSwitch
import VmnetTesting
import VmnetWire

@testable import VmnetNAT

extension LibraryTests {
    /// The host's own services: open at the gateway, or closed without a way around.
    @Suite struct LoopbackTests {
        private func closed() throws -> Guest {
            try Guest { $0.allowsHostLoopback = false }
        }

        private func accepts(_ listener: HostSocket, _ guest: Guest) -> Bool {
            for _ in 0..<20 { guest.runOnce() }
            return listener.accept() != nil
        }

        @Test(arguments: ["127.0.0.1", "0.0.0.0", "127.1.2.3"])
        func `a connection to the host's loopback address goes nowhere, whatever is open`(address: String) throws {
            let listener = HostSocket.listener(on: 0)
            let remote = Endpoint(IPv4Address(stringLiteral: address), listener.port)
            for guest in [try Guest(), try closed()] {
                let syn = guest.builder.tcp(from: guest.endpoint(1025), to: remote, flags: .syn)
                #expect(guest.send(syn) == .prohibited)
                #expect(!accepts(listener, guest))
                let error = guest.take().compactMap(Packet.init).first?.icmp?.header
                #expect(error?.type == 3 && error?.code == 13)
            }
            // What libslirp makes of it, although it is told to leave the loopback interface alone.
            let guest = try closed()
            guest.sendBare(guest.builder.tcp(from: guest.endpoint(1025), to: remote, flags: .syn))
            #expect(accepts(listener, guest))
        }

        @Test func `a datagram to the host's loopback address goes nowhere`() throws {
            let server = HostSocket.datagram()
            let guest = try closed()
            let datagram = guest.builder.udp(
                from: guest.endpoint(1025), to: Endpoint(IPv4Address.loopback, server.port), payload: [1])
            #expect(guest.send(datagram) == .prohibited)
            #expect(server.receive() == nil)
            guest.sendBare(datagram)
            #expect(server.receive() == [1])
        }

        @Test func `a fragmented datagram does not slip past`() throws {
            let server = HostSocket.datagram()
            let guest = try closed()
            let whole = guest.builder.udp(
                from: guest.endpoint(1025), to: Endpoint(IPv4Address.loopback, server.port),
                payload: [UInt8](repeating: 1, count: 24))
            for fragment in Fragments.of(whole, size: 16) { #expect(guest.send(fragment) == .prohibited) }
            #expect(server.receive() == nil)
        }

        @Test func `when they are closed, a connection to the gateway is reset at once`() throws {
            let guest = try closed()
            let listener = HostSocket.listener()
            let connection = Connection(guest, from: 1025, to: Endpoint(Guest.gateway, listener.port))
            #expect(guest.send(connection.segment(.syn)) == .prohibited)
            connection.handle()
            #expect(connection.isReset)
            #expect(!accepts(listener, guest))
        }

        @Test func `when they are closed, a datagram to the gateway gets an error at once`() throws {
            let guest = try closed()
            let server = HostSocket.datagram()
            let datagram = guest.builder.udp(
                from: guest.endpoint(1025), to: Endpoint(Guest.gateway, server.port), payload: [1])
            #expect(guest.send(datagram) == .prohibited)
            let error = guest.take().compactMap(Packet.init).first?.icmp?.header
            #expect(error?.type == 3 && error?.code == 13)
            #expect(server.receive() == nil)
        }

        @Test func `answers to what is refused have a rate of their own`() throws {
            let guest = try Guest {
                $0.allowsHostLoopback = false
                $0.limits.refusalsPerSecond = 10
            }
            let frames = (1...UInt16(500)).map {
                guest.builder.tcp(from: guest.endpoint($0), to: "192.168.64.1:80", flags: .syn)
            }
            #expect(guest.send(batch: frames) == [.prohibited: 500])
            #expect((10...11).contains(guest.take().count))
        }

        @Test func `a spoofed source is not answered`() throws {
            let guest = try Guest()
            for source: Endpoint in ["127.0.0.1:1", "192.168.64.1:1", "10.0.0.1:1"] {
                #expect(guest.send(guest.builder.udp(from: source, to: "1.2.3.4:5", payload: [])) == .spoofed)
            }
            #expect(guest.frames.isEmpty)
            #expect(guest.nat.flowCount == 0)
        }
    }
}
