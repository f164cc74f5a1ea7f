import CSlirp
import Glibc
import Testing
import VmnetSwitch
import VmnetTesting
import VmnetWire

@testable import VmnetNAT

extension LibraryTests {
    /// What a guest can do to libslirp with segments.
    @Suite struct ConnectionGuardTests {
        /// A connection to a server on the host, both ends of it.
        static func open(
            _ guest: Guest, from port: UInt16 = 40000, sequence: UInt32 = 1000, on listener: HostSocket = .listener()
        ) throws -> (guest: Connection, server: HostSocket) {
            let connection = Connection(
                guest, from: port, to: Endpoint(Guest.gateway, listener.port), sequence: sequence)
            try #require(connection.open())
            var accepted: HostSocket?
            guest.run {
                accepted = listener.accept()
                return accepted != nil
            }
            return (connection, try #require(accepted))
        }

        private func received(_ server: HostSocket, _ count: Int, _ guest: Guest) -> [UInt8] {
            var bytes: [UInt8] = []
            guest.run {
                bytes += server.receive() ?? []
                return bytes.count >= count
            }
            return bytes
        }

        // MARK: Order

        @Test func `segments beyond a gap are kept, and the guest is told each time what is missing`() throws {
            let guest = try Guest()
            let (connection, server) = try Self.open(guest)
            let start = connection.sequence
            _ = guest.take()
            for index in 1...UInt32(3) {
                let early = connection.segment(.ack, [UInt8](repeating: 2, count: 100), at: start &+ index * 100)
                #expect(guest.send(early) == nil)
                let answers = guest.take().compactMap { Packet($0)?.tcp?.header }
                #expect(answers.map(\.acknowledgement) == [start])
            }
            #expect(guest.send(connection.segment([.fin, .ack], at: start &+ 400)) == nil)
            #expect(server.receive() == nil)
            connection.send([UInt8](repeating: 1, count: 100))
            #expect(connection.acknowledged == start &+ 401)
            #expect(
                received(server, 400, guest)
                    == [UInt8](repeating: 1, count: 100) + [UInt8](repeating: 2, count: 300))
        }

        @Test func `an early segment that was joined from many is answered as often as it takes`() throws {
            let guest = try Guest()
            let (connection, _) = try Self.open(guest)
            let start = connection.sequence
            for (byteCount, count) in [(1460, 1), (1461, 2), (14_600, 3)] {
                _ = guest.take()
                let early = connection.segment(.ack, [UInt8](repeating: 2, count: byteCount), at: start &+ 100)
                #expect(guest.send(early) == nil)
                let answers = guest.take().compactMap { Packet($0)?.tcp?.header.acknowledgement }
                #expect(answers == [UInt32](repeating: start, count: count))
            }
        }

        @Test func `what is kept in any order and more than once is passed on in order and once`() throws {
            let guest = try Guest()
            let (connection, server) = try Self.open(guest)
            var random = SeededGenerator(seed: 7)
            let data = random.bytes(5000)
            let start = connection.sequence
            for _ in 0..<2 {
                for offset in stride(from: 100, to: 5000, by: 100).shuffled(using: &random) {
                    let part = Array(data[offset..<(offset + 100)])
                    #expect(guest.send(connection.segment(.ack, part, at: start &+ UInt32(offset))) == nil)
                }
            }
            connection.send(Array(data[..<100]))
            #expect(connection.acknowledged == start &+ 5000)
            #expect(received(server, 5000, guest) == data)
        }

        @Test func `libslirp itself would have kept them, each in a buffer of its own`() throws {
            let guest = try Guest()
            let (connection, server) = try Self.open(guest)
            guest.sendBare(connection.segment(.ack, [2, 2], at: connection.sequence &+ 2))
            guest.sendBare(connection.segment(.ack, [1, 1]))
            #expect(received(server, 4, guest) == [1, 1, 2, 2])
        }

        @Test func `a segment with a wrong checksum does not let the next one pass as the next`() throws {
            let guest = try Guest()
            let (connection, server) = try Self.open(guest)
            let start = connection.sequence
            #expect(guest.send(connection.segment(.ack, [1, 1], checksum: .wrong)) == nil)
            #expect(guest.send(connection.segment(.ack, [2, 2], at: start &+ 2)) == nil)
            #expect(server.receive() == nil)
            connection.send([1, 1])
            connection.send([2, 2])
            #expect(received(server, 4, guest) == [1, 1, 2, 2])
        }

        @Test func `data in order pass although libslirp delays its acknowledgement`() throws {
            let guest = try Guest()
            let (connection, server) = try Self.open(guest)
            var expected: [UInt8] = []
            for index in UInt16(0)..<50 {
                // A changing window keeps libslirp off its short path, and so from acknowledging at once.
                connection.window = 60000 - index * 100
                let data = [UInt8](repeating: UInt8(index), count: 50)
                let frame = connection.segment([.ack, .psh], data)
                #expect(guest.send(frame) == nil)
                connection.sequence &+= 50
                expected += data
            }
            #expect(received(server, expected.count, guest) == expected)
        }

        // MARK: The sequence number that libslirp takes its own control block for

        /// A connection whose next number is 16 bytes below zero, and whose server has ended its half.
        private static func halfClosed(_ guest: Guest) throws -> (guest: Connection, server: HostSocket) {
            let (connection, server) = try open(guest, sequence: 0xffff_ffef)
            server.shutdownWriting()
            try #require(connection.run { connection.isFinished })
            try #require(connection.sequence == 0xffff_fff0)
            return (connection, server)
        }

        @Test func `data in order that end at sequence number zero on a half closed connection are kept back`() throws {
            let guest = try Guest()
            let (connection, server) = try Self.halfClosed(guest)
            let data = [UInt8](repeating: 5, count: 16)
            #expect(guest.send(connection.segment(.ack, data)) == .outOfOrder)
            #expect(guest.send(connection.segment(.ack, Array(data.dropLast()))) == nil)
            #expect(received(server, 15, guest) == Array(data.dropLast()))
        }

        @Test(.enabled(if: !SlirpLibrary.isAtLeast(4, 8)))
        func `libslirp before 4.8 itself is brought down by them`() async {
            await #expect(processExitsWith: .failure) {
                let guest = try Guest()
                let (connection, server) = try ConnectionGuardTests.halfClosed(guest)
                guest.sendBare(connection.segment(.ack, [UInt8](repeating: 5, count: 16)))
                withExtendedLifetime(server) {}
                // Not reached. A second round, in case what it followed was readable.
                guest.pass(.seconds(5))
            }
        }

        // MARK: Urgent data

        @Test func `urgent data arrive in their place, as ordinary data`() throws {
            let guest = try Guest()
            let (connection, server) = try Self.open(guest)
            guest.send(Self.urgent(connection, [1, 2, 3]))
            #expect(received(server, 3, guest) == [1, 2, 3])
        }

        @Test func `libslirp itself sends them out of band`() throws {
            let guest = try Guest()
            let (connection, server) = try Self.open(guest)
            guest.sendBare(Self.urgent(connection, [1, 2, 3]))
            #expect(received(server, 2, guest) == [1, 2])
            #expect(server.receive() == nil)
        }

        @Test func `an urgent pointer far beyond the data reads nobody's memory`() throws {
            let guest = try Guest()
            let (connection, server) = try Self.open(guest)
            guest.send(Self.urgent(connection, [1], pointer: 60000))
            #expect(received(server, 1, guest) == [1])
            #expect(server.receive() == nil)
        }

        private static func urgent(_ connection: Connection, _ data: [UInt8], pointer: UInt16? = nil) -> [UInt8] {
            var frame = connection.segment([.ack, .psh, .urg], data)
            let pointer = pointer ?? UInt16(data.count)
            let checksum = UInt16(frame[50]) << 8 | UInt16(frame[51])
            frame.store(be16: pointer, at: 52)
            frame.store(be16: InternetChecksum.updated(checksum, replacing: UInt16(0), by: pointer), at: 50)
            return frame
        }

        // MARK: SYN

        @Test func `a SYN with an MSS option does not empty the buffers of an open connection`() throws {
            let guest = try Guest()
            let (connection, server) = try Self.open(guest)
            // Below what libslirp expects, so that it takes the SYN for an old one, after it has obeyed its option.
            let old = connection.segment(.syn, at: connection.sequence &- 1, options: [2, 4, 0, 40])
            let data = [UInt8](repeating: 9, count: 50_000)
            #expect(server.send(data) == data.count)
            guest.run { !guest.frames.isEmpty }
            #expect(guest.send(old) == nil)
            #expect(connection.run { connection.received.count == data.count })
            #expect(connection.received == data)
        }

        @Test func `libslirp itself loses what they hold`() throws {
            let guest = try Guest()
            let (connection, server) = try Self.open(guest)
            let old = connection.segment(.syn, at: connection.sequence &- 1, options: [2, 4, 0, 40])
            let data = [UInt8]((0..<50_000).map { UInt8(truncatingIfNeeded: $0 / 40) })
            #expect(server.send(data) == data.count)
            guest.run { !guest.frames.isEmpty }
            guest.sendBare(old)
            let end = ContinuousClock.now + .milliseconds(300)
            connection.run { ContinuousClock.now > end || connection.received.count == data.count }
            #expect(connection.received != data)
        }

        @Test func `a guest that was restarted can use its ports again`() throws {
            let guest = try Guest()
            let listener = HostSocket.listener()
            let (_, old) = try Self.open(guest, on: listener)
            #expect(guest.nat.flowCount == 1)
            let (connection, new) = try Self.open(guest, sequence: 77_000, on: listener)
            #expect(old.receive() == [])
            connection.send([4, 5])
            #expect(received(new, 2, guest) == [4, 5])
            #expect(guest.nat.flowCount == 1)
            #expect(guest.nat.counters.resetConnections == 1)
        }

        @Test func `a SYN with data is dropped`() throws {
            let guest = try Guest()
            let frame = guest.builder.tcp(
                from: guest.endpoint(1), to: "192.168.64.1:80", flags: .syn, payload: [1])
            #expect(guest.send(frame) == .unsupported)
            #expect(guest.nat.flowCount == 0)
        }

        @Test func `a segment of no connection is reset without a search through all others`() throws {
            let guest = try Guest()
            let connection = Connection(guest, from: 5, to: "1.2.3.4:80")
            #expect(guest.send(connection.segment(.ack, [1])) == .unsupported)
            connection.handle()
            #expect(connection.isReset)
            #expect(guest.send(connection.segment([.rst])) == .unsupported)
            #expect(guest.frames.isEmpty)
        }

        // MARK: Events

        /// A connection both of whose buffers in libslirp are busy, and which the server has just reset.
        private static func wedge(_ guest: Guest) throws -> Connection {
            let listener = HostSocket.listener()
            HostSocket.setReceiveBuffer(4096, of: listener.descriptor)
            let (connection, server) = try open(guest, on: listener)
            // libslirp's buffer holds 131072 bytes, and is read into by multiples of 16364 when less than half full.
            // With 49252 bytes in it, one more read fills it to the last byte, if the kernel has as much.
            HostSocket.setReceiveBuffer(1 << 20, of: guest.nat.context.flows.sockets[0].descriptor)
            connection.acknowledgementLimit = connection.expected &+ (8 * 16364 - 49252)
            try #require(server.send([UInt8](repeating: 3, count: 400_000)) > 200_000)
            connection.run {
                connection.received.count >= 8 * 16364
                    && !guest.nat.context.flows.sockets[0].requested.contains(.readable)
            }
            // The server does not read: what the kernel does not take stays in the other buffer.
            repeat { connection.send([UInt8](repeating: 4, count: 1400)) } while connection.peerWindow > 2800
            try #require(guest.nat.context.flows.sockets[0].requested == .writable)
            server.resetOnClose()
            return connection
        }

        @Test func `a reset while libslirp has no room to read ends the connection`() throws {
            let guest = try Guest()
            let connection = try Self.wedge(guest)
            guest.runOnce()
            connection.acknowledgementLimit = nil
            guest.send(connection.segment(.ack))
            #expect(connection.run { connection.isReset || connection.isFinished })
        }

        @Test func `libslirp itself is aborted by it`() async {
            await #expect(processExitsWith: .signal(SIGABRT)) {
                let guest = try Guest()
                let connection = try ConnectionGuardTests.wedge(guest)
                guest.nat.slirp.fill(0)
                guest.pollBare()
                withExtendedLifetime(connection) {}
            }
        }
    }
}
