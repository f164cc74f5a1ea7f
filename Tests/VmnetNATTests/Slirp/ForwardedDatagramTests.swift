import Testing
import VmnetSwitch
import VmnetSystem
import VmnetTesting
import VmnetWire

@testable import VmnetNAT

extension LibraryTests {
    /// Datagrams that others send to the guest through a forward.
    @Suite struct ForwardedDatagramTests {
        private static let forward = ForwardID(rawValue: 1)

        /// Opens a forward to port 53 of the guest, and returns where clients send to.
        private func open(_ guest: Guest, _ id: ForwardID = forward) throws -> InternetEndpoint {
            let loopback = InternetEndpoint(IPv6Address(mapping: .loopback), 0)
            let socket = try InternetSocket.bindDatagram(to: loopback, bufferByteCount: 1 << 18)
            guard let name = InternetEndpoint(nameOf: socket.raw) else { preconditionFailure("no name") }
            let target = ForwardTarget(address: Guest.address, port: 53, station: Guest.station)
            try guest.nat.openForward(id, over: socket, to: target, now: guest.now)
            guest.nat.finishBatch(now: guest.now)
            return name
        }

        private func receive(_ guest: Guest) -> (source: Endpoint, port: UInt16, data: [UInt8])? {
            guest.await { frame in
                guard let packet = Packet(frame), let (header, data) = packet.udp else { return nil }
                return (Endpoint(packet.header.source, header.sourcePort), header.destinationPort, data)
            }
        }

        private func answer(_ guest: Guest, to peer: Endpoint, _ data: [UInt8]) {
            #expect(guest.send(guest.builder.udp(from: guest.endpoint(53), to: peer, payload: data)) == nil)
        }

        @Test func `two peers of one port of the guest's get their own answers, from the port that they asked`() throws
        {
            let guest = try Guest()
            let name = try open(guest)
            let (one, other) = (try HostPort(), try HostPort())
            one.send([1], to: name)
            let first = try #require(receive(guest))
            #expect(first == (Endpoint(Guest.gateway, one.endpoint.port), 53, [1]))
            other.send([2, 2], to: name)
            let second = try #require(receive(guest))
            #expect(second.source == Endpoint(Guest.gateway, other.endpoint.port))
            answer(guest, to: second.source, [4])
            answer(guest, to: first.source, [3])
            #expect(one.receive().map { [$0.source == name ? 1 : 0] + $0.payload } == [[1, 3]])
            #expect(other.receive().map { [$0.source == name ? 1 : 0] + $0.payload } == [[1, 4]])
            #expect(guest.nat.datagramCounts(of: Self.forward).received == 2)
            #expect(guest.nat.datagramCounts(of: Self.forward).sent == 2)
        }

        @Test func `after an hour of silence both sides go on as before`() throws {
            let guest = try Guest()
            let name = try open(guest)
            let peer = try HostPort()
            peer.send([1], to: name)
            let asked = try #require(receive(guest))
            guest.pass(.seconds(3600))
            answer(guest, to: asked.source, [2])
            #expect(peer.receive().map(\.source) == [name])
            guest.pass(.seconds(3600))
            peer.send([3], to: name)
            #expect(try #require(receive(guest)).source == asked.source)
            #expect(guest.nat.deadline == nil)
        }

        @Test func `a long datagram comes and goes in one piece`() throws {
            let guest = try Guest { $0.mtu = 9000 }
            let name = try open(guest)
            let peer = try HostPort()
            let data = (0..<8000).map { UInt8(truncatingIfNeeded: $0) }
            peer.send(data, to: name)
            let asked = try #require(receive(guest))
            #expect(asked.data == data)
            answer(guest, to: asked.source, data)
            #expect(peer.payloads() == [data])
        }

        @Test func `answers pass where the guest may reach no service of the host`() throws {
            let guest = try Guest { $0.allowsHostLoopback = false }
            let name = try open(guest)
            let peer = try HostPort()
            peer.send([1], to: name)
            let asked = try #require(receive(guest))
            answer(guest, to: asked.source, [2])
            #expect(peer.payloads() == [[2]])
            let other = guest.builder.udp(from: guest.endpoint(53), to: Endpoint(Guest.gateway, 9), payload: [])
            #expect(guest.send(other) == .prohibited)
        }

        @Test func `what the guest begins from the same port is its own`() throws {
            let guest = try Guest()
            let name = try open(guest)
            let (peer, server) = (try HostPort(), try HostPort())
            peer.send([1], to: name)
            _ = try #require(receive(guest))
            answer(guest, to: Endpoint(Guest.gateway, server.endpoint.port), [5])
            let question = try #require(server.receive().first)
            #expect(question.source != name)
            server.send([6], to: question.source)
            #expect(try #require(receive(guest)).source == Endpoint(Guest.gateway, server.endpoint.port))
        }

        @Test func `a forward that is closed leaves no socket, and can be opened again`() throws {
            let guest = try Guest()
            let name = try open(guest)
            let peer = try HostPort()
            peer.send([1], to: name)
            _ = try #require(receive(guest))
            guest.nat.closeForward(Self.forward, now: guest.now)
            guest.nat.finishBatch(now: guest.now)
            #expect(guest.nat.flowCount == 0)
            let again = try open(guest)
            peer.send([2], to: again)
            #expect(try #require(receive(guest)).data == [2])
            #expect(guest.nat.flowCount == 1)
        }
    }
}
