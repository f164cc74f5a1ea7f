import Testing
import VmnetSwitch
import VmnetTesting
import VmnetWire

@testable import VmnetNAT

extension LibraryTests {
    /// A network that reaches no further than the host: everything else is refused at once, and the host's side may open
    /// what it likes.
    @Suite struct HostModeTests {
        private func confined() throws -> Guest {
            try Guest { $0.confine() }
        }

        /// Sends the frame, which has to be refused with the error that quotes it.
        private func checkProhibited(
            _ frame: [UInt8], _ guest: Guest, sourceLocation: SourceLocation = #_sourceLocation
        ) {
            #expect(guest.send(frame) == .prohibited, sourceLocation: sourceLocation)
            let answers = guest.take().compactMap(Packet.init)
            #expect(answers.count == 1, sourceLocation: sourceLocation)
            let error = answers.first?.icmp
            #expect(error?.header.type == 3 && error?.header.code == 13, sourceLocation: sourceLocation)
            #expect(answers.first?.header.source == Guest.gateway, sourceLocation: sourceLocation)
            #expect(error?.data == Array(frame[14...].prefix(128)), sourceLocation: sourceLocation)
            #expect(guest.nat.flowCount == 0, sourceLocation: sourceLocation)
        }

        @Test(arguments: [
            "1.2.3.4", "127.0.0.1", "192.168.64.9", "192.168.1.1", "169.254.169.254", "240.0.0.1", "0.0.0.0",
        ])
        func `whatever goes to anybody but the host is answered as prohibited at once`(address: String) throws {
            let guest = try confined()
            let destination = IPv4Address(stringLiteral: address)
            let (from, to) = (guest.endpoint(1025), Endpoint(destination, 80))
            checkProhibited(guest.builder.tcp(from: from, to: to, flags: .syn), guest)
            checkProhibited(guest.builder.udp(from: from, to: to, payload: [1, 2, 3]), guest)
            checkProhibited(guest.builder.echoRequest(from: from.address, to: to.address), guest)
            let tunnel = guest.builder.ip(
                from: from.address, to: to.address, proto: IPProtocol(rawValue: 47), payload: [0])
            checkProhibited(tunnel, guest)
        }

        @Test func `a thousand refused packets in a row are all answered`() throws {
            let guest = try confined()
            let frames = (1...UInt16(1000)).map {
                guest.builder.tcp(from: guest.endpoint($0), to: "1.2.3.4:80", flags: .syn)
            }
            #expect(guest.send(batch: frames) == [.prohibited: 1000])
            #expect(guest.take().count == 1000)
        }

        @Test func `a datagram in fragments is refused when it is whole`() throws {
            let guest = try confined()
            let whole = guest.builder.udp(
                from: guest.endpoint(1025), to: "1.2.3.4:80", payload: [UInt8](repeating: 1, count: 40))
            let fragments = Fragments.of(whole, size: 24)
            for fragment in fragments.dropLast() { #expect(guest.send(fragment) == nil) }
            #expect(guest.send(try #require(fragments.last)) == .prohibited)
            #expect(guest.take().compactMap { Packet($0)?.icmp?.header.code } == [13])
        }

        @Test func `a super-frame of datagrams is refused with one error`() throws {
            let guest = try confined()
            let frame = guest.builder.udp(
                from: guest.endpoint(1025), to: "1.2.3.4:80", checksum: .partial,
                payload: [UInt8](repeating: 1, count: 3000))
            let offload = OffloadDescriptor(
                segmentation: .udp, segmentSize: 1000, headerLength: 42, needsChecksum: true, checksumStart: 34,
                checksumOffset: 6)
            #expect(guest.send(frame, offload: offload) == .prohibited)
            #expect(guest.take().compactMap { Packet($0)?.icmp?.header.code } == [13])
        }

        @Test func `a segment of a connection that nobody knows any more ends it`() throws {
            let guest = try confined()
            let segment = guest.builder.tcp(
                from: guest.endpoint(22), to: "1.2.3.4:4000", flags: .ack, sequence: 7, acknowledgement: 9, payload: [1]
            )
            #expect(guest.send(segment) == .prohibited)
            let answers = guest.take().compactMap(Packet.init)
            #expect(answers.first?.icmp?.header.code == 13)
            #expect(answers.last?.tcp?.header.flags == .rst)
            #expect(answers.last?.tcp?.header.sequence == 9)
        }

        @Test func `the host's services are at the gateway's address`() throws {
            let guest = try confined()
            let listener = HostSocket.listener()
            let connection = Connection(guest, from: 1025, to: Endpoint(Guest.gateway, listener.port))
            #expect(connection.open())
            #expect(guest.run { listener.accept() != nil })
            let server = HostSocket.datagram()
            let datagram = guest.builder.udp(
                from: guest.endpoint(1025), to: Endpoint(Guest.gateway, server.port), payload: [1, 2])
            #expect(guest.send(datagram) == nil)
            #expect(server.echoDatagram() == [1, 2])
            #expect(guest.await { Packet($0)?.udp?.data } == [1, 2])
        }

        @Test func `nothing that is refused makes a socket`() throws {
            let guest = try confined()
            let server = HostSocket.datagram(on: 0)
            let listener = HostSocket.listener(on: 0)
            for address: IPv4Address in ["127.0.0.1", "127.1.2.3", "0.0.0.0", "255.255.255.255", "224.0.0.1"] {
                for source: IPv4Address in [Guest.address, Guest.gateway, "127.0.0.1", address] {
                    let from = Endpoint(source, 1025)
                    guest.send(guest.builder.udp(from: from, to: Endpoint(address, server.port), payload: [1]))
                    guest.send(guest.builder.tcp(from: from, to: Endpoint(address, listener.port), flags: .syn))
                }
            }
            for _ in 0..<20 { guest.runOnce() }
            #expect(guest.nat.flowCount == 0)
            #expect(server.receive() == nil)
            #expect(listener.accept() == nil)
        }
    }
}
