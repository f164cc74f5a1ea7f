import Glibc
import Testing
import VmnetSwitch
import VmnetSystem
import VmnetTesting
import VmnetWire

@testable import VmnetNAT

extension LibraryTests {
    /// Connections that a forward opens to the guest.
    @Suite struct ForwardedConnectionTests {
        /// An address beyond the gateway (RFC 5737, TEST-NET-2).
        private static let outside: IPv4Address = "198.51.100.7"

        private func outside(port: UInt16) -> InternetEndpoint {
            InternetEndpoint(IPv6Address(mapping: Self.outside), port)
        }

        private func exchange(_ client: ForwardClient, _ connection: Connection) {
            connection.send([1, 2, 3])
            #expect(connection.guest.run { client.socket.receive(16) == [1, 2, 3] })
            client.socket.send([4, 5])
            #expect(connection.run { connection.received == [4, 5] })
        }

        @Test func `a client on the host's loopback appears at the gateway, at its own port`() throws {
            let guest = try Guest.relayed()
            let client = try ForwardClient(guest)
            #expect(client.isAccepted)
            let connection = try #require(client.answer(by: guest))
            #expect(connection.remote == Endpoint(Guest.gateway, client.name?.port ?? 0))
            exchange(client, connection)
        }

        @Test func `a client elsewhere appears with its own address and port`() throws {
            let guest = try Guest.relayed()
            let client = try ForwardClient(guest, from: outside(port: 777))
            let connection = try #require(client.answer(by: guest))
            #expect(connection.remote == Endpoint(Self.outside, 777))
            exchange(client, connection)
            #expect(guest.nat.connectionCount(of: ForwardClient.forward) == 1)
        }

        @Test(arguments: [nil, "[2001:db8::1]:4321", "169.254.1.1:4321", "192.168.64.9:4321"] as [String?])
        func `a client that the guest could not answer appears at the gateway`(name: String?) throws {
            let guest = try Guest.relayed()
            let endpoint = name.map { Endpoint(stringLiteral: $0) }
            let peer: InternetEndpoint? = endpoint.map { endpoint in
                switch endpoint.address {
                case .v4(let address): InternetEndpoint(IPv6Address(mapping: address), endpoint.port)
                case .v6(let address): InternetEndpoint(address, endpoint.port)
                }
            }
            let client = try ForwardClient(guest, from: peer, isUnix: name == nil)
            let connection = try #require(client.answer(by: guest))
            #expect(connection.remote.address == .v4(Guest.gateway))
            exchange(client, connection)
            client.socket.shutdownWriting()
            #expect(connection.run { connection.isFinished })
            connection.send([9])
            #expect(guest.run { client.socket.receive(16) == [9] })
            connection.finish()
            #expect(guest.run { client.socket.receive(16) == [] })
            #expect(guest.run { guest.nat.flowCount == 0 })
        }

        @Test func `clients of one name, through two forwards, are told apart`() throws {
            let guest = try Guest.relayed()
            let first = try ForwardClient(guest, from: outside(port: 777))
            let one = try #require(first.answer(by: guest))
            let second = try ForwardClient(guest, from: outside(port: 777), for: ForwardID(rawValue: 2))
            let other = try #require(second.answer(by: guest))
            #expect(other.remote.address == .v4(Guest.gateway))
            exchange(first, one)
            exchange(second, other)
        }

        @Test func `an accepted socket is not inherited by programs, and its connection is watched for order`() throws {
            let guest = try Guest.relayed()
            let client = try ForwardClient(guest)
            let (syn, _) = try #require(guest.awaitSYN())
            #expect(guest.nat.flowCount == 1)
            let slots = 0..<guest.nat.context.flows.sockets.slotCount
            let accepted = try #require(
                slots.map { guest.nat.context.flows.sockets[$0] }.first { $0.kind == .tcp })
            #expect(fcntl(accepted.descriptor, F_GETFD) & FD_CLOEXEC != 0)
            let remote = Endpoint(Guest.gateway, syn.sourcePort)
            func segment(_ flags: TCPHeader.Flags, _ sequence: UInt32, _ data: [UInt8] = []) -> [UInt8] {
                guest.builder.tcp(
                    from: guest.endpoint(22), to: remote, flags: flags, sequence: sequence,
                    acknowledgement: syn.sequence &+ 1, payload: data)
            }
            #expect(guest.send(segment([.syn, .ack], 500)) == nil)
            _ = guest.take()
            // As if the answer had been lost.
            #expect(guest.send(segment([.syn, .ack], 500)) == nil)
            #expect(guest.take().compactMap { Packet($0)?.tcp?.header.acknowledgement } == [501])
            #expect(guest.send(segment(.ack, 502, [2])) == nil)
            #expect(guest.send(segment(.ack, 501, [1])) == nil)
            #expect(guest.send(segment(.ack, 502, [2])) == nil)
            #expect(guest.run { client.socket.receive(16) == [1, 2] })
        }

        @Test func `a guest cannot open a connection of the name by which libslirp knows another`() throws {
            let guest = try Guest.relayed()
            let client = try ForwardClient(guest, from: outside(port: 777))
            let connection = try #require(client.answer(by: guest))
            let slots = 0..<guest.nat.context.flows.sockets.slotCount
            let alias = try #require(slots.compactMap { guest.nat.context.flows.sockets[$0].alias }.first)
            let syn = guest.builder.tcp(
                from: guest.endpoint(22), to: Endpoint(Guest.gateway, alias.destinationPort), flags: .syn,
                sequence: 9)
            #expect(guest.send(syn) == .outOfOrder)
            exchange(client, connection)
        }

        @Test(
            arguments: [
                // MSS 1460; SACK permitted first and MSS 1400 at an odd place.
                (options: [2, 4, 0x05, 0xb4], size: 1460, isOutside: false),
                (options: [4, 2, 1, 2, 4, 0x05, 0x78, 0], size: 1400, isOutside: true),
            ] as [(options: [UInt8], size: UInt16, isOutside: Bool)])
        func `a guest that answers is sent large segments, cut as it has asked`(
            options: [UInt8], size: UInt16, isOutside: Bool
        ) throws {
            let guest = try Guest.relayed()
            let client = try ForwardClient(guest, from: isOutside ? outside(port: 777) : nil)
            let connection = try #require(client.answer(by: guest, options: options))
            let data = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 / 251) }
            #expect(client.socket.send(data) == data.count)
            #expect(connection.run { connection.received.count == data.count })
            #expect(connection.received == data)
            #expect(connection.largestSegment > 32768)
            #expect(connection.offloads.map(\.segmentSize) == [size])
        }

        @Test func `a guest is sent no more at first than its answer says, whatever it scales`() throws {
            let guest = try Guest.relayed()
            let client = try ForwardClient(guest)
            client.socket.send([UInt8](repeating: 7, count: 200_000))
            let connection = try #require(client.answer(by: guest, options: Connection.scaling))
            let first = Int(connection.window)
            // What it says from then on is shifted by 7.
            connection.window >>= 7
            connection.acknowledgementLimit = connection.expected
            #expect(connection.run { connection.received.count >= first })
            guest.poll()
            connection.handle()
            #expect(connection.received.count == first)
        }

        @Test func `two hundred clients at once are served, in as many instances as they need`() throws {
            let guest = try Guest.relayed()
            let clients = try (0..<200).map { _ in try ForwardClient(guest) }
            #expect(clients.filter(\.isAccepted).count == 200)
            #expect(guest.nat.flowCount == 200)
            let populations = (0..<guest.nat.slirp.shards.count).map {
                guest.nat.context.flows.sockets.population(ofShard: $0).flows
            }
            #expect(populations.allSatisfy { $0 <= ShardPlacement.capacity })
            let syns = (0..<20).compactMap { _ in guest.awaitSYN()?.header }
            for (client, syn) in zip(clients, syns) {
                let connection = Connection(
                    guest, from: 22, to: Endpoint(Guest.gateway, syn.sourcePort), sequence: 500)
                connection.answer(syn, options: [])
                exchange(client, connection)
            }
            guest.nat.closeForward(ForwardClient.forward, now: guest.now)
            guest.nat.finishBatch(now: guest.now, room: guest.portRoom)
            #expect(guest.nat.flowCount == 0)
            for client in clients { #expect(guest.run { client.socket.receive(1) == [] }) }
        }

        @Test func `a guest that refuses ends the client's connection`() throws {
            let guest = try Guest.relayed()
            let client = try ForwardClient(guest)
            let (syn, source) = try #require(guest.awaitSYN())
            guest.send(
                guest.builder.tcp(
                    from: guest.endpoint(22), to: Endpoint(source, syn.sourcePort), flags: [.rst, .ack], sequence: 0,
                    acknowledgement: syn.sequence &+ 1))
            #expect(guest.run { client.socket.receive(1) == [] })
            #expect(guest.nat.flowCount == 0)
        }

        @Test func `a guest that says nothing ends it after 75 seconds`() throws {
            let guest = try Guest.relayed()
            let client = try ForwardClient(guest)
            guest.pass(.seconds(60))
            #expect(client.socket.receive(1) == nil)
            guest.pass(.seconds(20))
            #expect(guest.run { client.socket.receive(1) == [] })
            #expect(guest.nat.flowCount == 0)
        }

        @Test(arguments: [false, true])
        func `a forward that is removed ends its connections on both sides, and no others`(isAnswered: Bool) throws {
            let guest = try Guest.relayed()
            let kept = try ForwardClient(guest, for: ForwardID(rawValue: 2))
            let other = try #require(kept.answer(by: guest))
            let client = try ForwardClient(guest, from: outside(port: 777))
            let connection = isAnswered ? client.answer(by: guest) : nil
            #expect((connection != nil) == isAnswered)
            if let connection { exchange(client, connection) }
            guest.nat.closeForward(ForwardClient.forward, now: guest.now)
            guest.nat.finishBatch(now: guest.now, room: guest.portRoom)
            #expect(guest.run { client.socket.receive(1) == [] })
            if let connection { #expect(connection.run { connection.isReset }) }
            #expect(guest.nat.connectionCount(of: ForwardClient.forward) == 0)
            exchange(kept, other)
        }

        @Test func `answers pass where the guest may reach no service of the host`() throws {
            let guest = try Guest.relayed { $0.allowsHostLoopback = false }
            let client = try ForwardClient(guest)
            let connection = try #require(client.answer(by: guest))
            exchange(client, connection)
            let syn = guest.builder.tcp(
                from: guest.endpoint(22), to: Endpoint(Guest.gateway, 80), flags: .syn, sequence: 9)
            #expect(guest.send(syn) == .prohibited)
        }

        @Test func `a client is turned away at the limit of connections`() throws {
            let guest = try Guest.relayed { $0.limits.maximumTCP = 1 }
            let first = try ForwardClient(guest)
            let second = try ForwardClient(guest)
            #expect(first.isAccepted)
            #expect(!second.isAccepted)
            #expect(guest.run { second.socket.receive(1) != [1] && guest.nat.flowCount == 1 })
        }
    }
}
