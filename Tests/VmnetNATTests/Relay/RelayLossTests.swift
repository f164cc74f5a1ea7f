import Testing
import VmnetSwitch
import VmnetTesting
import VmnetWire

@testable import VmnetNAT

extension LibraryTests {
    /// Connections that lose segments either way.
    @Suite struct RelayLossTests {
        private static let data = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 / 251) }

        @Test func `segments beyond a gap are kept, and the guest is told each time what is missing`() throws {
            let guest = try Guest.relayed()
            let (connection, server) = try guest.openRelayed()
            let first = connection.sequence
            for index in 1...4 { guest.send(connection.segment(.ack, [UInt8(index)], at: first &+ UInt32(index))) }
            connection.handle()
            #expect(connection.repetitions >= 3 && connection.acknowledged == first)
            guest.send(connection.segment(.ack, [0], at: first))
            #expect(connection.receive(5, at: server) == [0, 1, 2, 3, 4])
            #expect(connection.acknowledged == first &+ 5)
        }

        @Test func `a guest that takes selective acknowledgements is told what has come behind gaps`() throws {
            let guest = try Guest.relayed()
            let (connection, server) = try guest.openRelayed(options: Connection.selective)
            #expect(connection.peerPermitsSACK)
            let first = connection.sequence
            func send(_ offset: UInt32) {
                guest.send(connection.segment(.ack, [UInt8(offset)], at: first &+ offset))
                connection.handle()
            }
            func block(_ start: UInt32, _ end: UInt32) -> SelectiveAcknowledgementOption.Block {
                SelectiveAcknowledgementOption.Block(start: first &+ start, end: first &+ end)
            }
            for offset: UInt32 in [1, 3, 5, 7, 9] { send(offset) }
            #expect(connection.blocks == [block(9, 10), block(7, 8), block(5, 6), block(3, 4)])
            send(4)
            #expect(connection.blocks == [block(3, 6), block(9, 10), block(7, 8), block(1, 2)])
            send(0)
            #expect(
                connection.acknowledged == first &+ 2 && connection.blocks == [block(3, 6), block(9, 10), block(7, 8)])
            for offset: UInt32 in [2, 6, 8] { send(offset) }
            #expect(connection.receive(10, at: server) == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
            #expect(connection.acknowledged == first &+ 10 && connection.blocks.isEmpty)
        }

        @Test func `what a guest has left behind a gap for a minute is forgotten`() throws {
            let guest = try Guest.relayed()
            let (connection, _) = try guest.openRelayed()
            guest.send(connection.segment(.ack, [1, 2, 3], at: connection.sequence &+ 1000))
            guest.pass(.seconds(20))
            #expect(!guest.nat.slirp.relay.early.isEmpty)
            guest.pass(.seconds(60))
            #expect(guest.nat.slirp.relay.early.isEmpty)
        }

        @Test func `a guest that does not take selective acknowledgements is sent none`() throws {
            let guest = try Guest.relayed()
            let (connection, _) = try guest.openRelayed()
            #expect(!connection.peerPermitsSACK)
            guest.send(connection.segment(.ack, [1], at: connection.sequence &+ 1))
            connection.handle()
            #expect(connection.blocks.isEmpty)
        }

        @Test func `what the guest sends again is acknowledged again, and passed on once`() throws {
            let guest = try Guest.relayed()
            let (connection, server) = try guest.openRelayed()
            let first = connection.sequence
            guest.send(connection.segment(.ack, [1, 2, 3], at: first))
            guest.send(connection.segment(.ack, [1, 2, 3], at: first))
            guest.send(connection.segment(.ack, [2, 3, 4], at: first &+ 1))
            #expect(connection.receive(4, at: server) == [1, 2, 3, 4])
            #expect(connection.acknowledged == first &+ 4)
        }

        @Test func `what a restarted guest sends is not mixed with what was kept of its old connection`() throws {
            let guest = try Guest.relayed()
            let (old, _) = try guest.openRelayed()
            guest.send(old.segment(.ack, [9], at: old.sequence &+ 1))
            guest.send(old.segment(.rst))
            #expect(guest.nat.flowCount == 0 && guest.nat.slirp.relay.early.isEmpty)
            let (connection, server) = try guest.openRelayed()
            connection.send([1])
            connection.send([2])
            #expect(connection.receive(2, at: server) == [1, 2])
        }

        @Test func `bytes that the guest is missing are reported to it though data go the other way`() throws {
            let guest = try Guest.relayed()
            let (connection, server) = try guest.openRelayed()
            connection.window = 0
            connection.send([], flags: .ack)
            server.send([1, 2, 3])
            guest.poll()
            _ = guest.take()
            connection.window = 1000
            guest.send(connection.segment(.ack, [9], at: connection.sequence &+ 1))
            let sizes = guest.take().compactMap { Packet($0)?.tcp?.data.count }
            #expect(sizes == [3, 0])
        }

        @Test func `a segment with a wrong checksum is dropped`() throws {
            let guest = try Guest.relayed()
            let (connection, server) = try guest.openRelayed()
            #expect(guest.send(connection.segment(.ack, [9], checksum: .wrong)) == .malformed)
            connection.send([1])
            #expect(connection.receive(1, at: server) == [1])
        }

        @Test func `what is lost on its way to the guest is sent again once it is missed`() throws {
            let guest = try Guest.relayed()
            let (connection, server) = try guest.openRelayed()
            connection.window = 8192
            connection.send([], flags: .ack)
            connection.lossCount = 1
            // Four frames follow the one that is lost.
            server.send(Self.data)
            for _ in 0..<3 { server.send(Self.data) }
            #expect(connection.run { connection.received.count == 4 * Self.data.count })
            #expect(connection.received.elementsEqual(Self.data + Self.data + Self.data + Self.data))
        }

        @Test func `a guest that says what has come is sent the gap again, once`() throws {
            let guest = try Guest.relayed()
            let (connection, server) = try guest.openRelayed(options: Connection.selective)
            server.send(Self.data)
            let sent = guest.takeData(Self.data.count)
            let second = try #require(sent.dropFirst().first)
            connection.acknowledge([second], lost: sent[0])
            #expect(guest.takeData(sent[0].count) == [sent[0]])
            connection.acknowledge([second.upperBound..<sent[sent.count - 1].upperBound, second], lost: sent[0])
            #expect(guest.takeData(0) == [])
        }

        @Test func `what is lost once more is sent again when something newer has come, or soon`() throws {
            let guest = try Guest.relayed()
            let (connection, server) = try guest.openRelayed(options: Connection.selective)
            server.send(Self.data)
            let sent = guest.takeData(Self.data.count)
            connection.acknowledge([sent[1]], lost: sent[0])
            #expect(guest.takeData(sent[0].count) == [sent[0]])
            server.send([UInt8](repeating: 1, count: 10_000))
            let newer = guest.takeData(10_000, from: sent[sent.count - 1].upperBound)
            connection.acknowledge(newer + [sent[1]], lost: sent[0])
            #expect(guest.takeData(sent[0].count) == [sent[0]])
            guest.pass(.milliseconds(25))
            let few = sent[0].lowerBound..<(sent[0].lowerBound + 4 * 1460)
            #expect(guest.takeData(few.count).first == few)
        }

        @Test func `a gap is noticed by an acknowledgement of what is before it, too`() throws {
            let guest = try Guest.relayed()
            let (connection, server) = try guest.openRelayed(options: Connection.selective)
            server.send(Self.data)
            let sent = guest.takeData(Self.data.count)
            connection.acknowledge([sent[2]], lost: sent[1])
            #expect(guest.takeData(sent[1].count) == [sent[1]])
        }

        @Test func `a gap is noticed although what is under way fills the window`() throws {
            let guest = try Guest.relayed()
            let (connection, server) = try guest.openRelayed(options: [2, 4, 0x05, 0xb4, 1, 1, 4, 2])
            server.send(Self.data)
            let sent = guest.takeData(Int(connection.window))
            let last = try #require(sent.last)
            connection.acknowledge([last], lost: sent[0])
            #expect(guest.takeData(1) == [sent[0].lowerBound..<last.lowerBound])
        }

        @Test func `what has come twice makes nothing missing`() throws {
            let guest = try Guest.relayed()
            let (connection, server) = try guest.openRelayed(options: Connection.selective)
            server.send(Self.data)
            let sent = guest.takeData(Self.data.count)
            let (first, second) = (sent[0], sent[1])
            // The first of them is news (RFC 2883, 4).
            for _ in 0..<5 { connection.acknowledge([first], lost: second) }
            #expect(guest.takeData(0) == [])
        }

        @Test func `three repetitions make nothing missing where all before was sent twice`() throws {
            let guest = try Guest.relayed()
            let (connection, server) = try guest.openRelayed()
            func repeatThrice(_ number: Int) {
                guest.inNoTime { for _ in 0..<3 { connection.acknowledge([], lost: number..<number) } }
            }
            server.send(Self.data)
            let sent = guest.takeData(Self.data.count)
            let end = sent[sent.count - 1].upperBound
            repeatThrice(sent[0].lowerBound)
            #expect(guest.takeData(1).map(\.lowerBound) == [sent[0].lowerBound])
            connection.acknowledge([], lost: end..<end)
            server.send(Self.data)
            #expect(guest.takeData(Self.data.count).first?.lowerBound == end)
            repeatThrice(end)
            #expect(guest.takeData(0) == [])
        }

        @Test func `of gaps one is sent again after the other`() throws {
            let guest = try Guest.relayed()
            let (connection, server) = try guest.openRelayed(options: Connection.selective)
            server.send(Self.data)
            let sent = guest.takeData(Self.data.count)
            let (first, end) = (sent[0].lowerBound, sent[sent.count - 1].upperBound)
            let gaps = [first..<(first + 1460), (first + 2920)..<(first + 4380)]
            connection.acknowledge([gaps[1].upperBound..<end, gaps[0].upperBound..<gaps[1].lowerBound], lost: gaps[0])
            #expect(guest.takeData(1460) == [gaps[0]])
            connection.acknowledge([gaps[1].upperBound..<end], lost: gaps[1])
            #expect(guest.takeData(1460) == [gaps[1]])
        }

        @Test func `what nobody acknowledges is sent again after a while`() throws {
            let guest = try Guest.relayed()
            let (connection, server) = try guest.openRelayed()
            connection.lossCount = 1
            server.send([1, 2, 3])
            #expect(connection.run { connection.lossCount == 0 })
            #expect(connection.received.isEmpty)
            guest.pass(.milliseconds(400))
            connection.handle()
            #expect(connection.received == [1, 2, 3])
        }

        @Test(arguments: [1500, 65_520])
        func `a guest that cannot name what is missing, and keeps nothing behind it, gets it all soon`(mtu: Int) throws
        {
            let guest = try Guest.relayed { $0.mtu = mtu }
            let (connection, server) = try guest.openRelayed(options: Connection.scaling(segmentSize: mtu - 40))
            connection.lossCount = 2
            server.send(Self.data)
            #expect(connection.run { connection.lossCount == 0 })
            var pauses = 0
            while connection.received.count < Self.data.count, pauses < 5 {
                guest.pass(.milliseconds(60))
                connection.run { guest.frames.isEmpty }
                pauses += 1
            }
            #expect(pauses < 5 && connection.received.elementsEqual(Self.data))
        }

        @Test func `of what nobody acknowledges soon the last segment is sent again first`() throws {
            let guest = try Guest.relayed()
            let (connection, server) = try guest.openRelayed(options: Connection.selective)
            server.send(Self.data)
            let sent = guest.takeData(Self.data.count)
            let (start, end) = (sent[0].lowerBound, sent[sent.count - 1].upperBound)
            guest.pass(.milliseconds(25))
            #expect(guest.takeData(1) == [(end - 1460)..<end])
            // It has not been the answer that was lost.
            guest.pass(.milliseconds(250))
            #expect(guest.takeData(1) == [start..<(start + 4 * 1460)])
            connection.acknowledge([], lost: end..<end)
            guest.pass(.milliseconds(500))
            #expect(guest.take().isEmpty)
        }

        @Test func `that is so behind a gap that was filled, too`() throws {
            let guest = try Guest.relayed()
            let (connection, server) = try guest.openRelayed(options: Connection.selective)
            server.send(Self.data)
            let sent = guest.takeData(Self.data.count)
            let end = sent[sent.count - 1].upperBound
            let (early, late) = (sent[0].lowerBound..<(sent[0].lowerBound + 1460), (end - 4380)..<end)
            connection.acknowledge([early.upperBound..<late.lowerBound], lost: early)
            #expect(guest.takeData(1460) == [early])
            connection.acknowledge([], lost: late)
            guest.pass(.milliseconds(25))
            #expect(guest.takeData(1) == [(end - 1460)..<end])
            // That names the other gap, which is sent again at once.
            connection.acknowledge([(end - 1460)..<end], lost: late)
            #expect(guest.takeData(1) == [late.lowerBound..<(end - 1460)])
        }

        @Test func `that is so after a window that was closed for long, too`() throws {
            let guest = try Guest.relayed()
            let (connection, server) = try guest.openRelayed(options: Connection.selective)
            connection.window = 0
            connection.send([], flags: .ack)
            server.send(Self.data)
            for _ in 0..<30 {
                guest.poll()
                guest.pass(.milliseconds(100))
                if !guest.take().isEmpty { guest.send(connection.segment(.ack)) }
            }
            connection.window = 8192
            guest.send(connection.segment(.ack))
            let end = guest.takeData(Self.data.count).last?.upperBound ?? 0
            guest.pass(.milliseconds(25))
            #expect(guest.takeData(1) == [(end - 1460)..<end])
        }

        @Test func `the end of the host's stream is repeated soon, until the guest has acknowledged it`() throws {
            let guest = try Guest.relayed()
            let (connection, server) = try guest.openRelayed()
            server.shutdownWriting()
            let number = connection.expected
            func ends() -> [UInt32] {
                guest.take().compactMap { Packet($0)?.tcp?.header }.filter { $0.flags.contains(.fin) }.map(\.sequence)
            }
            #expect(guest.run { ends() == [number] })
            guest.pass(.milliseconds(60))
            #expect(ends() == [number])
            guest.pass(.milliseconds(250))
            #expect(ends() == [number])
            connection.acknowledge([], lost: Int(number + 1)..<Int(number + 1))
            guest.pass(.seconds(20))
            #expect(ends() == [])
        }

        @Test func `a guest that is paused for minutes finds its connection as it was`() throws {
            let guest = try Guest.relayed()
            let (connection, server) = try guest.openRelayed()
            server.send([1, 2, 3])
            #expect(guest.run { !guest.take().isEmpty })
            guest.pass(.seconds(600))
            connection.handle()
            #expect(connection.received == [1, 2, 3])
            #expect(connection.upload([4], by: 1, to: server) == [4])
        }

        @Test func `a guest that has gone is given up`() throws {
            let guest = try Guest.relayed()
            let (_, server) = try guest.openRelayed()
            server.send([1])
            #expect(guest.run { !guest.take().isEmpty })
            guest.pass(.seconds(1200))
            #expect(guest.nat.flowCount == 0)
            #expect(guest.nat.slirp.relay.buffers.usedCount == 0)
        }
    }
}
