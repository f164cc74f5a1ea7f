import Testing
import VmnetSwitch
import VmnetTesting
import VmnetWire

@testable import VmnetNAT

extension LibraryTests {
    /// A guest that does not read.
    @Suite struct BackPressureTests {
        @Test func `without room nothing is read for the guest, and the descriptor is silent`() throws {
            let guest = try Guest()
            let (connection, server) = try ConnectionGuardTests.open(guest)
            guest.room = GuestNAT.leastRoom - 1
            server.send([1, 2, 3])
            #expect(guest.isReadable())
            guest.poll()
            #expect(guest.nat.isPaused)
            #expect(!guest.isReadable())
            #expect(guest.frames.isEmpty)
            // Timers go on.
            guest.pass(.seconds(3))
            #expect(guest.nat.isPaused && guest.frames.isEmpty)

            guest.poll(room: PortRoom(held: GuestNAT.leastRoom, ordinary: 0))
            #expect(!guest.nat.isPaused)
            connection.handle()
            #expect(connection.received == [1, 2, 3])
        }

        @Test func `each 128 KiB of room are for one connection, in turn`() throws {
            let guest = try Guest()
            let listener = HostSocket.listener()
            let pairs = try (UInt16(1)...5).map { try ConnectionGuardTests.open(guest, from: $0, on: listener) }
            for (_, server) in pairs { server.send([7]) }
            for served in 1...5 {
                guest.poll(room: PortRoom(held: GuestNAT.leastRoom, ordinary: 0))
                let ports = Set(guest.frames.compactMap { Packet($0)?.tcp?.header.destinationPort })
                #expect(ports.count == served)
                #expect(guest.nat.isPaused == (served < 5))
            }
        }

        @Test func `a connection that ends while it waits is forgotten`() throws {
            let guest = try Guest()
            let (connection, server) = try ConnectionGuardTests.open(guest)
            server.send([1])
            #expect(guest.isReadable())
            guest.poll(room: PortRoom(held: 0, ordinary: 0))
            #expect(guest.nat.isPaused)
            guest.send(connection.segment([.rst, .ack]))
            #expect(guest.nat.flowCount == 0)
            guest.poll(room: PortRoom(held: 1 << 20, ordinary: 1 << 20))
            #expect(!guest.nat.isPaused)
            #expect(guest.nat.deadline == nil)
        }

        @Test func `datagrams wait in their socket until there is room for ordinary frames`() throws {
            let guest = try Guest()
            let server = HostSocket.datagram()
            let remote = Endpoint(Guest.gateway, server.port)
            guest.send(guest.builder.udp(from: guest.endpoint(7), to: remote, payload: [1]))
            #expect(server.echoDatagram() == [1])
            #expect(guest.isReadable())
            guest.poll(room: PortRoom(held: 1 << 20, ordinary: 1000))
            #expect(guest.frames.isEmpty && guest.nat.isPaused && !guest.isReadable())
            let room = try #require(guest.nat.awaitedRoom)
            #expect(room.ordinary == 64 << 10 && room.held == .max)
            guest.poll(room: room)
            #expect(guest.takeWithUrgency().map(\.urgency) == [.ordinary])
            #expect(!guest.nat.isPaused && !guest.isReadable())
        }

        @Test func `TCP segments are to be held, everything else may be dropped`() throws {
            let guest = try Guest()
            let (_, server) = try ConnectionGuardTests.open(guest)
            _ = guest.take()
            server.send([1])
            guest.run { !guest.frames.isEmpty }
            #expect(guest.takeWithUrgency().allSatisfy { $0.urgency == .held })
            guest.send(guest.builder.echoRequest(from: .v4(Guest.address), to: .v4(Guest.gateway)))
            #expect(guest.takeWithUrgency().map(\.urgency) == [.ordinary])
        }

        @Test func `a closed socket that nobody waits for does not keep the descriptor ready`() throws {
            let guest = try Guest()
            let (connection, server) = try ConnectionGuardTests.open(guest)
            server.shutdownWriting()
            #expect(connection.run { connection.isFinished })
            // Nothing is wanted of the socket any more, but a reset would be reported all the same.
            server.resetOnClose()
            _ = consume server
            #expect(!guest.isReadable())
        }
    }
}
