import Glibc
import Testing
import VmnetSwitch
import VmnetTesting
import VmnetWire

@testable import VmnetNAT

extension LibraryTests {
    /// One guest's flows in several instances of libslirp.
    @Suite struct ShardTests {
        private static let capacity = ShardPlacement.capacity

        private typealias Pair = (guest: Connection, server: HostSocket)

        /// So many connections from ports 1 up, in the order of their instances.
        private func open(_ count: Int, _ guest: Guest) throws -> [Pair] {
            let listener = HostSocket.listener()
            return try (1...count).map { try ConnectionGuardTests.open(guest, from: UInt16($0), on: listener) }
        }

        private func shard(_ number: Int, of guest: Guest) throws -> SlirpShard {
            try #require(guest.nat.slirp.shards[number])
        }

        @Test func `more connections than an instance holds have another, and all of them work`() throws {
            let guest = try Guest()
            let pairs = try open(2 * Self.capacity + 1, guest)
            #expect(guest.nat.slirp.shards.count == 3)
            #expect(guest.nat.flowCount == pairs.count)
            for (index, (connection, server)) in pairs.enumerated() {
                connection.send([UInt8(index)])
                #expect(guest.run { server.receive() == [UInt8(index)] })
                server.send([UInt8(index), 1])
                #expect(connection.run { connection.received == [UInt8(index), 1] })
            }
        }

        @Test func `each instance is told where the guest is, and none asks`() throws {
            let guest = try Guest()
            let remote = Endpoint(Guest.gateway, HostSocket.listener().port)
            let syns = (1...UInt16(2 * Self.capacity)).map {
                guest.builder.tcp(from: guest.endpoint($0), to: remote, flags: .syn)
            }
            #expect(guest.send(batch: syns) == [:])
            guest.run { guest.nat.flowCount == 0 }
            let types = try guest.frames.map { try EthernetHeader(parsing: $0.span).type }
            #expect(types.count >= 2 * Self.capacity && types.allSatisfy { $0 == .ipv4 })
        }

        @Test func `over IPv6 only the first instance asks for the guest`() throws {
            let guest = try Guest { $0.nat66Prefix = "fd00::" }
            let source: IPv6Address = "fd00::5054:ff:fe12:3456"
            _ = try open(Self.capacity, guest)
            let ping = guest.builder.echoRequest(from: .v6(source), to: "fd00::2")
            // In the second instance by now.
            _ = try open(1, guest)
            guest.send(ping)
            let answer = try #require(guest.take().last)
            #expect(answer[54] == ICMPHeader.V6.echoReply)
        }

        @Test func `an answer to a question for the guest reaches the instance that asked`() throws {
            let guest = try Guest()
            _ = try open(Self.capacity + 1, guest)
            _ = guest.take()
            let second = try shard(1, of: guest)
            let other: IPv4Address = "192.168.64.9"
            second.instance.input(guest.builder.echoRequest(from: .v4(other), to: .v4(Guest.gateway)).span)
            #expect(second.isResolving)
            let question = try #require(guest.take().first)
            #expect(try EthernetHeader(parsing: question.span).type == .arp)
            guest.send(
                guest.builder.arp(
                    ARPPacket(
                        operation: .reply, senderMAC: Guest.station, senderAddress: other,
                        targetMAC: Guest.gatewayStation, targetAddress: Guest.gateway)))
            let answer = try #require(guest.take().first)
            #expect(answer[34] == ICMPHeader.V4.echoReply)
        }

        @Test func `only instances with something to do are polled`() throws {
            let guest = try Guest()
            let pairs = try open(2 * Self.capacity, guest)
            let (first, second) = (try shard(0, of: guest), try shard(1, of: guest))
            guest.pass(.milliseconds(1))
            let before = first.lastPoll
            let (connection, server) = pairs[2 * Self.capacity - 1]
            server.send([1])
            #expect(connection.run { connection.received == [1] })
            #expect(second.lastPoll.nanoseconds > before.nanoseconds)
            #expect(first.lastPoll == before)
        }

        @Test func `room at the guest's port is shared by all instances, in turn`() throws {
            let guest = try Guest()
            let pairs = try open(Self.capacity + 1, guest)
            let chosen = [pairs[0], pairs[Self.capacity], pairs[1]]
            _ = guest.take()
            for (_, server) in chosen { server.send([7]) }
            for served in 1...3 {
                guest.poll(room: PortRoom(held: GuestNAT.leastRoom, ordinary: 0))
                #expect(Set(guest.frames.compactMap { Packet($0)?.tcp?.header.destinationPort }).count == served)
                #expect(guest.nat.isPaused == (served < 3))
            }
        }

        @Test func `limits are the guest's, however many instances there are`() throws {
            let guest = try Guest {
                $0.limits.maximumTCP = Self.capacity + 10
                $0.limits.newFlowsPerSecond = 1
                $0.limits.burst = 2 * Self.capacity
            }
            let pairs = try open(Self.capacity + 10, guest)
            let remote = pairs[0].guest.remote
            func syn(_ port: UInt16) -> [UInt8] {
                guest.builder.tcp(from: guest.endpoint(port), to: remote, flags: .syn)
            }
            #expect(guest.send(syn(5000)) == .flowLimit)
            guest.send(pairs[0].guest.segment([.rst, .ack]))
            #expect(guest.send(syn(5000)) == nil)
            #expect(guest.send(syn(5001)) == .flowLimit)
            let datagrams = (1...UInt16(Self.capacity)).map {
                guest.builder.udp(from: guest.endpoint($0), to: "192.168.64.1:9", payload: [])
            }
            #expect(guest.send(batch: datagrams)[.flowRate] == 11)
        }

        @Test func `an instance that stays empty is released, and the first one stays`() throws {
            let guest = try Guest()
            let pairs = try open(2 * Self.capacity + 1, guest)
            for (connection, _) in pairs.dropFirst(Self.capacity) { guest.send(connection.segment([.rst, .ack])) }
            #expect(guest.nat.slirp.shards.count == 3)
            guest.pass(.seconds(61))
            #expect(guest.nat.slirp.shards.count == 1)
            for (connection, _) in pairs.prefix(Self.capacity) { guest.send(connection.segment([.rst, .ack])) }
            guest.pass(.seconds(61))
            #expect(guest.nat.slirp.shards.count == 1)
            #expect(guest.nat.deadline == nil)
            // A connection finds its way after all that.
            let (connection, server) = try ConnectionGuardTests.open(guest)
            connection.send([1])
            #expect(guest.run { server.receive() == [1] })
        }

        @Test func `an instance that is needed again at once is still there`() throws {
            let guest = try Guest()
            let pairs = try open(Self.capacity + 1, guest)
            let second = try shard(1, of: guest)
            guest.send(pairs[Self.capacity].guest.segment([.rst, .ack]))
            guest.pass(.milliseconds(100))
            _ = try ConnectionGuardTests.open(guest, from: 500)
            #expect(try shard(1, of: guest) === second)
        }

        @Test func `an instance is not released in a batch in which it was called`() throws {
            let guest = try Guest()
            let pairs = try open(Self.capacity + 1, guest)
            let second = try shard(1, of: guest)
            guest.send(pairs[Self.capacity].guest.segment([.rst, .ack]))
            guest.pass(.seconds(31))
            #expect(second.isSpare)
            let (connection, _) = try ConnectionGuardTests.open(guest, from: 500)
            let reset = connection.segment([.rst, .ack])
            let later = guest.now + .seconds(31)
            #expect(guest.nat.input(reset.span, offload: .none, now: later) == nil)
            guest.nat.finishBatch(now: later, room: guest.portRoom)
            #expect(try shard(1, of: guest) === second)
        }

        @Test func `router advertisements come from the first instance alone`() throws {
            let guest = try Guest { $0.nat66Prefix = "fd00::" }
            _ = try open(Self.capacity + 1, guest)
            #expect(try shard(0, of: guest).host.state.advertisement != nil)
            #expect(try shard(1, of: guest).host.state.advertisement == nil)
        }

        // MARK: Silence

        @Test func `connections that are silent for minutes have no timer`() throws {
            let guest = try Guest()
            let (connection, server) = try ConnectionGuardTests.open(guest)
            guest.pass(.seconds(200))
            var wakeUps = 0
            let end = guest.now + .seconds(3600)
            while let deadline = guest.nat.deadline, deadline < end {
                guest.pass(deadline - guest.now)
                wakeUps += 1
            }
            #expect(wakeUps <= 3600 / 30)
            // It is as alive as before, and what is lost on the way is sent again.
            server.send([1])
            guest.run { !guest.frames.isEmpty }
            _ = guest.take()
            guest.pass(.seconds(10))
            connection.handle()
            #expect(connection.received == [1])
        }

        @Test func `a connection that waits for the guest keeps its timer`() throws {
            let guest = try Guest()
            let (connection, server) = try ConnectionGuardTests.open(guest)
            connection.window = 0
            guest.send(connection.segment(.ack))
            server.send([1])
            guest.pass(.seconds(2))
            _ = guest.take()
            // The longest pause between two probes is a minute.
            for _ in 0..<5 {
                guest.pass(.seconds(61))
                #expect(!guest.take().isEmpty)
            }
        }

        @Test func `a connection that is being opened is given up in time`() throws {
            let guest = try Guest()
            // Documentation addresses (RFC 5737): nobody answers, or the host has no route and says so at once.
            guest.send(guest.builder.tcp(from: guest.endpoint(1), to: "192.0.2.1:80", flags: .syn))
            guest.pass(.seconds(90))
            #expect(guest.nat.flowCount == 0)
        }
    }
}
