import Testing
import VmnetSwitch
import VmnetTesting
import VmnetWire

@testable import VmnetNAT

extension LibraryTests {
    /// Connections whose guest takes nothing for a while, or asks whether anybody else does.
    @Suite struct RelayWindowTests {
        private static let data = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 / 251) }

        @Test func `what a guest had no room for, and dropped, is sent again once it has`() throws {
            let guest = try Guest.relayed()
            let (connection, server) = try guest.openRelayed(options: Connection.selective)
            server.send(Self.data)
            let sent = guest.takeData(Self.data.count)
            let start = sent[0].lowerBound
            connection.window = 0
            connection.send([], flags: .ack)
            var questions = 0
            for _ in 0..<100 {
                guest.pass(.milliseconds(100))
                for range in guest.takeData(0) {
                    #expect(range == start..<(start + 1))
                    questions += 1
                    guest.send(connection.segment(.ack))
                }
            }
            #expect((5...15).contains(questions), "\(questions) in ten seconds")
            connection.window = 8192
            guest.send(connection.segment(.ack))
            #expect(guest.takeData(1) == [sent[0]])
        }

        @Test func `a guest that opens its window and closes it again at once is not sent the same each time`() throws {
            let guest = try Guest.relayed()
            let (connection, server) = try guest.openRelayed(options: Connection.selective)
            server.send(Self.data)
            _ = guest.takeData(Self.data.count)
            guest.inNoTime {
                for _ in 0..<100 {
                    connection.window = 0
                    guest.send(connection.segment(.ack))
                    connection.window = 8192
                    guest.send(connection.segment(.ack))
                }
            }
            #expect(guest.takeData(0).count == 1)
        }

        @Test func `a guest that waits for room hears of it twice, in case it misses that once`() throws {
            let guest = try Guest.relayed()
            let (connection, server) = try guest.openRelayed()
            repeat {
                let room = Int(connection.peerWindow) << Int(RelayedConnection.scale)
                connection.send([UInt8](repeating: 7, count: min(60_000, room)))
            } while connection.peerWindow > 0
            guest.poll()
            #expect(guest.take().isEmpty)
            var openings: [UInt16] = []
            guest.run {
                while let more = server.receive(), !more.isEmpty {}
                openings += guest.take().compactMap { Packet($0)?.tcp?.header.window }
                return !openings.isEmpty
            }
            #expect(openings.count >= 2 && openings[0] > 0 && openings[0] == openings[1])
        }

        @Test func `a closed window is asked for, however long it stays closed`() throws {
            let guest = try Guest.relayed()
            let (connection, server) = try guest.openRelayed()
            connection.window = 0
            connection.send([], flags: .ack)
            server.send([1, 2, 3])
            for _ in 0..<30 {
                guest.poll()
                guest.pass(.seconds(11))
                #expect(!guest.frames.isEmpty)
                // It answers what is not new with where it is.
                _ = guest.take()
                guest.send(connection.segment(.ack))
            }
            #expect(connection.received.isEmpty && guest.nat.flowCount == 1)
            connection.window = 100
            connection.send([], flags: .ack)
            #expect(connection.run { connection.received == [1, 2, 3] })
        }

        @Test func `a closed window is asked for after some milliseconds, with an octet that the guest has`() throws {
            let guest = try Guest.relayed()
            let (connection, server) = try guest.openRelayed()
            server.send([0])
            let end = guest.takeData(1).last?.upperBound ?? 0
            guest.inNoTime {
                connection.window = 0
                connection.acknowledge([], lost: end..<end)
                server.send([1, 2, 3])
                #expect(guest.isReadable(within: 1000))
                guest.poll()
                guest.pass(.milliseconds(5))
                #expect(guest.take().isEmpty)
                guest.pass(.milliseconds(15))
            }
            #expect(guest.takeData(1) == [(end - 1)..<end])
        }

        @Test func `a guest that answers may keep its window closed for an hour, whatever it has not got yet`() throws {
            let guest = try Guest.relayed()
            let (connection, server) = try guest.openRelayed()
            server.send([1, 2, 3])
            #expect(guest.run { !guest.take().isEmpty })
            connection.window = 0
            for _ in 0..<330 {
                guest.send(connection.segment(.ack))
                guest.pass(.seconds(11))
                _ = guest.take()
            }
            #expect(guest.nat.flowCount == 1)
            connection.window = 100
            guest.send(connection.segment(.ack))
            guest.pass(.seconds(11))
            connection.handle()
            #expect(connection.received == [1, 2, 3])
        }

        @Test func `a closed window is asked for less and less often`() throws {
            let guest = try Guest.relayed()
            let (connection, server) = try guest.openRelayed()
            connection.window = 0
            connection.send([], flags: .ack)
            server.send([1, 2, 3])
            guest.poll()
            var count = 0
            for _ in 0..<600 {
                guest.pass(.milliseconds(100))
                guard !guest.take().isEmpty else { continue }
                count += 1
                guest.send(connection.segment(.ack))
            }
            #expect((5...15).contains(count), "\(count) questions in a minute")
        }

        @Test func `a guest that asks whether its window is open, or anybody is there, is answered`() throws {
            let guest = try Guest.relayed()
            let (connection, _) = try guest.openRelayed()
            _ = guest.take()
            // As Linux asks both: the number before the next, and no data.
            guest.send(connection.segment(.ack, at: connection.sequence &- 1))
            let answers = guest.take().compactMap { Packet($0)?.tcp?.header }
            #expect(answers.map(\.acknowledgement) == [connection.sequence])
            #expect(answers.first?.window ?? 0 > 0)
            // Which is nothing to be answered in turn.
            guest.send(connection.segment(.ack))
            #expect(guest.take().isEmpty)
        }
    }
}
