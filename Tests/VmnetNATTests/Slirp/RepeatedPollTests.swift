import Testing
import VmnetSwitch
import VmnetTesting
import VmnetWire

@testable import VmnetNAT

extension LibraryTests {
    /// A NAT that is polled more than once in a batch: because a socket is ready, because a timer is due, because the
    /// guest's port has room again.
    @Suite struct RepeatedPollTests {
        /// libslirp's buffer holds 131072 bytes, and is read into by multiples of one segment when it is less than half
        /// full. With `rest` in it, one more read fills it to the last byte.
        private static let (segment, rest) = (16364, 49252)

        @Test(arguments: [false, true])
        func `a connection that the guest has answered in the same batch stays open`(isRelayed: Bool) throws {
            let guest = try Guest { $0.relaysConnections = isRelayed }
            let listener = HostSocket.listener()
            let connection = Connection(guest, from: 40000, to: Endpoint(Guest.gateway, listener.port))
            guest.send(connection.segment(.syn, options: connection.options))
            connection.sequence &+= 1
            #expect(guest.isReadable(within: 5000))
            guest.nat.poll(now: guest.now, room: guest.portRoom)
            connection.handle()
            #expect(guest.nat.input(connection.segment(.ack).span, offload: .none, now: guest.now) == nil)
            guest.poll()

            let server = try #require(listener.accept())
            connection.send([1])
            #expect(guest.run { server.receive() == [1] })
            server.send([2])
            #expect(connection.run { connection.received == [2] })
            #expect(server.receive() == nil && !connection.isFinished && !connection.isReset)
        }

        @Test func `what libslirp has no room for any more stays in the socket`() throws {
            let guest = try Guest()
            let listener = HostSocket.listener()
            HostSocket.setReceiveBuffer(4096, of: listener.descriptor)
            let (connection, server) = try ConnectionGuardTests.open(guest, on: listener)
            HostSocket.setReceiveBuffer(1 << 20, of: guest.nat.context.flows.sockets[0].descriptor)
            // The server does not read: libslirp waits to write, and names the socket although it has no room to read.
            repeat { connection.send([UInt8](repeating: 4, count: 1400)) } while connection.peerWindow > 2800
            connection.acknowledgementLimit = connection.expected &+ UInt32(8 * Self.segment - Self.rest)
            try #require(server.send([UInt8](repeating: 3, count: 400_000)) > 200_000)
            let isAsked = connection.run {
                connection.received.count > 8 * Self.segment - Self.rest
                    && guest.nat.context.flows.sockets[0].requested == [.readable, .writable]
            }
            #expect(isAsked && guest.isReadable(within: 5000))
            // The first poll fills the buffer, the second finds more in the socket.
            guest.nat.poll(now: guest.now, room: guest.portRoom)
            guest.poll()
            #expect(guest.nat.context.flows.sockets[0].requested == .writable)

            connection.acknowledgementLimit = nil
            guest.send(connection.segment(.ack))
            #expect(connection.run { connection.received.count > 200_000 })
        }
    }
}
