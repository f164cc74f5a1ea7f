import Glibc
import Testing
import VmnetSwitch
import VmnetTesting
import VmnetWire

@testable import VmnetNAT

extension LibraryTests {
    /// Connections whose data pass libslirp by.
    @Suite struct RelayTests {
        private static let data = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 / 251) }
        /// MSS 1460, and windows shifted by 7.
        private static let scaling: [UInt8] = [2, 4, 0x05, 0xb4, 1, 3, 3, 7]

        private func open(
            _ guest: Guest, from port: UInt16 = 40000, options: [UInt8] = RelayTests.scaling
        ) throws -> (Connection, HostSocket) {
            let listener = HostSocket.listener()
            let connection = Connection(guest, from: port, to: Endpoint(Guest.gateway, listener.port))
            connection.options = options
            try #require(connection.open())
            var accepted: HostSocket?
            guest.run {
                accepted = listener.accept()
                return accepted != nil
            }
            let server = try #require(accepted)
            let slots = 0..<guest.nat.context.flows.sockets.slotCount
            #expect(slots.contains { guest.nat.slirp.relay[$0]?.key.sourcePort == port })
            return (connection, server)
        }

        /// The numbers of the data that the guest is sent, frame by frame, until `count` bytes have come from `start` on.
        private func take(_ count: Int, from start: Int = 0, for guest: Guest) -> [Range<Int>] {
            var ranges: [Range<Int>] = []
            guest.run {
                ranges += guest.take().compactMap { frame -> Range<Int>? in
                    guard let segment = Packet.segment(in: frame), let header = try? TCPHeader(parsing: segment.span),
                        segment.count > header.headerLength
                    else { return nil }
                    let first = Int(header.sequence)
                    guard first >= start else { return nil }
                    return first..<(first + segment.count - header.headerLength)
                }
                return ranges.reduce(0) { $0 + $1.count } >= count
            }
            return ranges
        }

        /// What the server gets until its stream ends, or `count` bytes.
        private func receive(_ server: HostSocket, _ count: Int, _ connection: Connection) -> [UInt8] {
            var bytes: [UInt8] = []
            connection.run {
                while let more = server.receive(), !more.isEmpty { bytes += more }
                return bytes.count >= count
            }
            return bytes
        }

        /// Sends all of it as the window allows, in segments of `size` bytes, while the server reads.
        private func upload(
            _ data: [UInt8], by size: Int, _ connection: Connection, _ server: HostSocket
        ) -> [UInt8] {
            var (sent, received) = (0, [UInt8]())
            connection.run {
                let scale = connection.peerScale.map(Int.init) ?? 0
                while sent < data.count {
                    let count = min(size, data.count - sent)
                    let under = Int(connection.sequence &- connection.acknowledged)
                    guard under + count <= Int(connection.peerWindow) << scale else { break }
                    connection.send(Array(data[sent..<(sent + count)]))
                    sent += count
                }
                while let more = server.receive(), !more.isEmpty { received += more }
                return received.count == data.count
            }
            return received
        }

        // MARK: Data

        @Test func `data arrive in both directions, in large segments`() throws {
            let guest = try Guest.relayed()
            let (connection, server) = try open(guest)
            #expect(upload(Self.data, by: 40_000, connection, server) == Self.data)
            connection.window = 8192
            connection.send([], flags: .ack)
            #expect(server.send(Self.data) == Self.data.count)
            #expect(connection.run { connection.received.count == Self.data.count })
            #expect(connection.received == Self.data)
            #expect(connection.largestSegment > 32768)
            #expect(connection.offloads.map(\.segmentSize) == [1460])
            #expect(guest.nat.slirp.relay.buffers.usedCount == 0)
        }

        @Test func `windows are scaled if the guest offers it`() throws {
            let guest = try Guest.relayed()
            let (scaled, server) = try open(guest)
            #expect(scaled.peerScale == RelayedConnection.scale)
            #expect(upload([1], by: 1, scaled, server) == [1])
            #expect(Int(scaled.peerWindow) << Int(RelayedConnection.scale) == RelayedConnection.firstShare)
            let (plain, other) = try open(guest, from: 40001, options: [2, 4, 0x05, 0xb4])
            #expect(plain.peerScale == nil)
            #expect(upload([1], by: 1, plain, other) == [1])
            #expect(plain.peerWindow == 65535)
        }

        @Test func `a window grows before a guest that sends ever faster has to wait for it`() throws {
            let guest = try Guest.relayed()
            let (connection, server) = try open(guest)
            // What Linux sends before the first answer, and twice as much with each (RFC 6928, RFC 5681).
            var size = 14_600
            while size < RelayedConnection.largestShare {
                #expect(Int(connection.peerWindow) << Int(RelayedConnection.scale) >= size)
                let data = [UInt8](repeating: 7, count: size)
                #expect(upload(data, by: 1460, connection, server) == data)
                size *= 2
            }
            #expect(Int(connection.peerWindow) << Int(RelayedConnection.scale) == RelayedConnection.largestShare)
        }

        @Test func `a guest that sends little at a time is promised no more, however long it goes on`() throws {
            let guest = try Guest.relayed()
            let (connection, server) = try open(guest)
            let data = [UInt8](repeating: 7, count: 20_000)
            for _ in 0..<20 {
                #expect(upload(data, by: 20_000, connection, server) == data)
                guest.pass(.milliseconds(200))
            }
            #expect(Int(connection.peerWindow) << Int(RelayedConnection.scale) == RelayedConnection.firstShare)
            #expect(guest.nat.slirp.relay.buffers.lent < RelayedConnection.firstShare)
        }

        @Test func `a guest that takes little is sent no more than that`() throws {
            let guest = try Guest.relayed()
            let (connection, server) = try open(guest, options: [2, 4, 0x05, 0xb4])
            connection.window = 3000
            connection.send([], flags: .ack)
            connection.acknowledgementLimit = connection.expected
            server.send(Self.data)
            #expect(connection.run { connection.received.count == 3000 })
            guest.poll()
            connection.handle()
            #expect(connection.received.count == 3000)
            connection.acknowledgementLimit = nil
            connection.window = 65535
            connection.send([], flags: .ack)
            #expect(connection.run { connection.received.count == Self.data.count })
            #expect(connection.received == Self.data)
        }

        @Test func `a host that does not read closes the window, and opens it again without losing a byte`() throws {
            let guest = try Guest.relayed()
            let (connection, server) = try open(guest)
            let data = (0..<12_000_000).map { UInt8(truncatingIfNeeded: $0 / 251 ^ $0 / 65521) }
            var sent = 0
            let scale = Int(RelayedConnection.scale)
            while sent < data.count {
                let room = Int(connection.peerWindow) << scale - Int(connection.sequence &- connection.acknowledged)
                let count = min(60_000, room, data.count - sent)
                guard count > 0 else { break }
                connection.send(Array(data[sent..<(sent + count)]))
                sent += count
            }
            #expect(sent < data.count && connection.peerWindow == 0)
            connection.finish()
            #expect(connection.acknowledged == connection.sequence &- 1)
            // All that was acknowledged, and the end of the stream after it.
            var (received, isOver) = ([UInt8](), false)
            connection.run {
                while let more = server.receive() {
                    if more.isEmpty {
                        isOver = true
                        return true
                    }
                    received += more
                }
                return false
            }
            #expect(isOver && received == Array(data[..<sent]))
            #expect(connection.run { connection.acknowledged == connection.sequence })
            #expect(connection.peerWindow > 0)
        }

        @Test(arguments: [[], [1, 2, 3]] as [[UInt8]])
        func `the end of a guest's stream is acknowledged once`(data: [UInt8]) throws {
            let guest = try Guest.relayed()
            let (connection, server) = try open(guest)
            _ = guest.take()
            guest.send(batch: [connection.segment([.fin, .ack, .psh], data)])
            #expect(guest.take().count == 1)
            withExtendedLifetime(server) {}
        }

        @Test func `a connection to the host is not paced`() throws {
            let guest = try Guest.relayed()
            let (connection, _) = try open(guest)
            let relayed = (0..<guest.nat.context.flows.sockets.slotCount).compactMap { guest.nat.slirp.relay[$0] }
            #expect(relayed.map { congestionControl(of: $0.descriptor) } == ["reno"])
            connection.finish()
        }

        @Test func `long segments are acknowledged one by one, short ones together`() throws {
            let guest = try Guest.relayed()
            let (connection, server) = try open(guest)
            for (size, count) in [(40_000, 3), (1_000, 1)] {
                _ = guest.take()
                guest.send(
                    batch: (0..<3).map { index in
                        connection.segment(
                            .ack, [UInt8](repeating: 7, count: size), at: connection.sequence &+ UInt32(index * size))
                    })
                #expect(guest.take().count == count)
                connection.sequence &+= UInt32(3 * size)
                #expect(receive(server, 3 * size, connection).count == 3 * size)
            }
        }

        @Test func `a long segment that fills a gap is acknowledged with all that was behind it`() throws {
            let guest = try Guest.relayed()
            let (connection, server) = try open(guest)
            let (start, size) = (connection.sequence, 40_000)
            let segments = (0..<3).map { index in
                connection.segment(.ack, [UInt8](repeating: 7, count: size), at: start &+ UInt32(index * size))
            }
            guest.send(batch: [segments[1], segments[2]])
            _ = guest.take()
            guest.send(batch: [segments[0]])
            connection.sequence &+= UInt32(3 * size)
            let acknowledged = try guest.take().map { frame in
                let segment = try #require(Packet.segment(in: frame))
                return try TCPHeader(parsing: segment.span).acknowledgement
            }
            #expect(acknowledged == [connection.sequence])
            #expect(receive(server, 3 * size, connection).count == 3 * size)
        }

        @Test func `without room at the port nothing is read, and the descriptor is silent`() throws {
            let guest = try Guest.relayed()
            let (connection, server) = try open(guest)
            guest.room = TCPRelay.awaitedRoom - 1
            server.send([1, 2, 3])
            #expect(guest.run { guest.nat.isPaused })
            #expect(guest.frames.isEmpty)
            guest.room = TCPRelay.awaitedRoom
            guest.poll()
            #expect(!guest.nat.isPaused)
            connection.handle()
            #expect(connection.received == [1, 2, 3])
        }

        @Test func `connections that wait for the port's room are forgotten when they are gone`() throws {
            let guest = try Guest.relayed()
            for port: UInt16 in 40000..<40100 {
                guest.room = 1 << 20
                let (connection, _) = try open(guest, from: port)
                guest.room = 0
                connection.window = 1000
                guest.send(connection.segment(.ack))
                guest.poll()
                guest.send(connection.segment(.rst))
            }
            #expect(guest.nat.flowCount == 0)
            #expect(guest.nat.slirp.relay.paused.count < 10)
        }

        @Test func `frames that the port refuses are counted, and come again`() throws {
            let guest = try Guest.relayed()
            let (connection, server) = try open(guest)
            guest.isFull = true
            server.send([1, 2, 3])
            #expect(guest.run { guest.nat.counters.refusedByPort == 1 })
            guest.isFull = false
            guest.pass(.milliseconds(400))
            connection.handle()
            #expect(connection.received == [1, 2, 3])
        }

        // MARK: Loss

        @Test func `segments beyond a gap are kept, and the guest is told each time what is missing`() throws {
            let guest = try Guest.relayed()
            let (connection, server) = try open(guest)
            let first = connection.sequence
            for index in 1...4 { guest.send(connection.segment(.ack, [UInt8(index)], at: first &+ UInt32(index))) }
            connection.handle()
            #expect(connection.repetitions >= 3 && connection.acknowledged == first)
            guest.send(connection.segment(.ack, [0], at: first))
            #expect(receive(server, 5, connection) == [0, 1, 2, 3, 4])
            #expect(connection.acknowledged == first &+ 5)
        }

        @Test func `a guest that takes selective acknowledgements is told what has come behind gaps`() throws {
            let guest = try Guest.relayed()
            let (connection, server) = try open(guest, options: Self.scaling + [1, 1, 4, 2])
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
            #expect(receive(server, 10, connection) == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
            #expect(connection.acknowledged == first &+ 10 && connection.blocks.isEmpty)
        }

        @Test func `a guest that does not take selective acknowledgements is sent none`() throws {
            let guest = try Guest.relayed()
            let (connection, _) = try open(guest)
            #expect(!connection.peerPermitsSACK)
            guest.send(connection.segment(.ack, [1], at: connection.sequence &+ 1))
            connection.handle()
            #expect(connection.blocks.isEmpty)
        }

        @Test func `what the guest sends again is acknowledged again, and passed on once`() throws {
            let guest = try Guest.relayed()
            let (connection, server) = try open(guest)
            let first = connection.sequence
            guest.send(connection.segment(.ack, [1, 2, 3], at: first))
            guest.send(connection.segment(.ack, [1, 2, 3], at: first))
            guest.send(connection.segment(.ack, [2, 3, 4], at: first &+ 1))
            #expect(receive(server, 4, connection) == [1, 2, 3, 4])
            #expect(connection.acknowledged == first &+ 4)
        }

        @Test func `what a restarted guest sends is not mixed with what was kept of its old connection`() throws {
            let guest = try Guest.relayed()
            let (old, _) = try open(guest)
            guest.send(old.segment(.ack, [9], at: old.sequence &+ 1))
            guest.send(old.segment(.rst))
            #expect(guest.nat.flowCount == 0 && guest.nat.slirp.relay.early.isEmpty)
            let (connection, server) = try open(guest)
            connection.send([1])
            connection.send([2])
            #expect(receive(server, 2, connection) == [1, 2])
        }

        @Test func `bytes that the guest is missing are reported to it though data go the other way`() throws {
            let guest = try Guest.relayed()
            let (connection, server) = try open(guest)
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
            let (connection, server) = try open(guest)
            #expect(guest.send(connection.segment(.ack, [9], checksum: .wrong)) == .malformed)
            connection.send([1])
            #expect(receive(server, 1, connection) == [1])
        }

        @Test func `what is lost on its way to the guest is sent again once it is missed`() throws {
            let guest = try Guest.relayed()
            let (connection, server) = try open(guest)
            connection.window = 8192
            connection.send([], flags: .ack)
            connection.lossCount = 1
            // Four frames follow the one that is lost.
            server.send(Self.data)
            for _ in 0..<3 { server.send(Self.data) }
            #expect(connection.run { connection.received.count == 4 * Self.data.count })
            #expect(connection.received == Self.data + Self.data + Self.data + Self.data)
        }

        @Test func `a guest that says what has come is sent the gap again, once`() throws {
            let guest = try Guest.relayed()
            let (connection, server) = try open(guest, options: Self.scaling + [1, 1, 4, 2])
            server.send(Self.data)
            let sent = take(Self.data.count, for: guest)
            let second = try #require(sent.dropFirst().first)
            connection.acknowledge([second], lost: sent[0])
            #expect(take(sent[0].count, for: guest) == [sent[0]])
            connection.acknowledge([second.upperBound..<sent[sent.count - 1].upperBound, second], lost: sent[0])
            #expect(take(0, for: guest) == [])
        }

        @Test func `what is lost once more is sent again when something newer has come, or soon`() throws {
            let guest = try Guest.relayed()
            let (connection, server) = try open(guest, options: Self.scaling + [1, 1, 4, 2])
            server.send(Self.data)
            let sent = take(Self.data.count, for: guest)
            connection.acknowledge([sent[1]], lost: sent[0])
            #expect(take(sent[0].count, for: guest) == [sent[0]])
            server.send([UInt8](repeating: 1, count: 10_000))
            let newer = take(10_000, from: sent[sent.count - 1].upperBound, for: guest)
            connection.acknowledge(newer + [sent[1]], lost: sent[0])
            #expect(take(sent[0].count, for: guest) == [sent[0]])
            guest.pass(.milliseconds(25))
            let few = sent[0].lowerBound..<(sent[0].lowerBound + 4 * 1460)
            #expect(take(few.count, for: guest).first == few)
        }

        @Test func `a gap is noticed by an acknowledgement of what is before it, too`() throws {
            let guest = try Guest.relayed()
            let (connection, server) = try open(guest, options: Self.scaling + [1, 1, 4, 2])
            server.send(Self.data)
            let sent = take(Self.data.count, for: guest)
            connection.acknowledge([sent[2]], lost: sent[1])
            #expect(take(sent[1].count, for: guest) == [sent[1]])
        }

        @Test func `a gap is noticed although what is under way fills the window`() throws {
            let guest = try Guest.relayed()
            let (connection, server) = try open(guest, options: [2, 4, 0x05, 0xb4, 1, 1, 4, 2])
            server.send(Self.data)
            let sent = take(Int(connection.window), for: guest)
            let last = try #require(sent.last)
            connection.acknowledge([last], lost: sent[0])
            #expect(take(1, for: guest) == [sent[0].lowerBound..<last.lowerBound])
        }

        @Test func `what has come twice makes nothing missing`() throws {
            let guest = try Guest.relayed()
            let (connection, server) = try open(guest, options: Self.scaling + [1, 1, 4, 2])
            server.send(Self.data)
            let sent = take(Self.data.count, for: guest)
            let (first, second) = (sent[0], sent[1])
            // The first of them is news (RFC 2883, 4).
            for _ in 0..<5 { connection.acknowledge([first], lost: second) }
            #expect(take(0, for: guest) == [])
        }

        @Test func `of gaps one is sent again after the other`() throws {
            let guest = try Guest.relayed()
            let (connection, server) = try open(guest, options: Self.scaling + [1, 1, 4, 2])
            server.send(Self.data)
            let sent = take(Self.data.count, for: guest)
            let (first, end) = (sent[0].lowerBound, sent[sent.count - 1].upperBound)
            let gaps = [first..<(first + 1460), (first + 2920)..<(first + 4380)]
            connection.acknowledge([gaps[1].upperBound..<end, gaps[0].upperBound..<gaps[1].lowerBound], lost: gaps[0])
            #expect(take(1460, for: guest) == [gaps[0]])
            connection.acknowledge([gaps[1].upperBound..<end], lost: gaps[1])
            #expect(take(1460, for: guest) == [gaps[1]])
        }

        @Test func `what nobody acknowledges is sent again after a while`() throws {
            let guest = try Guest.relayed()
            let (connection, server) = try open(guest)
            connection.lossCount = 1
            server.send([1, 2, 3])
            #expect(connection.run { connection.lossCount == 0 })
            #expect(connection.received.isEmpty)
            guest.pass(.milliseconds(400))
            connection.handle()
            #expect(connection.received == [1, 2, 3])
        }

        @Test func `the end of what nobody acknowledges is sent again first, and soon`() throws {
            let guest = try Guest.relayed()
            let (connection, server) = try open(guest)
            server.send(Self.data)
            let sent = take(Self.data.count, for: guest)
            let (start, end) = (sent[0].lowerBound, sent[sent.count - 1].upperBound)
            guest.pass(.milliseconds(25))
            #expect(take(1, for: guest) == [(end - 1460)..<end])
            // It has not been the answer that was lost.
            guest.pass(.milliseconds(250))
            #expect(take(1, for: guest) == [start..<(start + 4 * 1460)])
            connection.acknowledge([], lost: end..<end)
            guest.pass(.milliseconds(500))
            #expect(guest.take().isEmpty)
        }

        @Test func `a closed window is asked for, however long it stays closed`() throws {
            let guest = try Guest.relayed()
            let (connection, server) = try open(guest)
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
            let (connection, server) = try open(guest)
            connection.window = 0
            connection.send([], flags: .ack)
            server.send([1, 2, 3])
            guest.poll()
            #expect(guest.take().isEmpty)
            guest.pass(.milliseconds(20))
            let first = Int(connection.expected)
            #expect(take(1, from: first - 1, for: guest) == [(first - 1)..<first])
        }

        @Test func `a guest that answers may keep its window closed for an hour, whatever it has not got yet`() throws {
            let guest = try Guest.relayed()
            let (connection, server) = try open(guest)
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
            let (connection, server) = try open(guest)
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
            let (connection, _) = try open(guest)
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

        @Test func `data behind an urgent byte are read with those before it`() throws {
            let guest = try Guest.relayed()
            let (connection, server) = try open(guest)
            connection.window = 0
            connection.send([], flags: .ack)
            server.send([1, 2])
            // Safety: the kernel reads one byte.
            #expect(unsafe Glibc.send(server.descriptor, [3], 1, Int32(MSG_OOB)) == 1)
            server.send([4, 5])
            guest.poll()
            connection.window = 100
            connection.send([], flags: .ack)
            #expect(connection.run { connection.received.count == 5 })
            #expect(connection.received == [1, 2, 3, 4, 5])
        }

        @Test func `a guest that is paused for minutes finds its connection as it was`() throws {
            let guest = try Guest.relayed()
            let (connection, server) = try open(guest)
            server.send([1, 2, 3])
            #expect(guest.run { !guest.take().isEmpty })
            guest.pass(.seconds(600))
            connection.handle()
            #expect(connection.received == [1, 2, 3])
            #expect(upload([4], by: 1, connection, server) == [4])
        }

        @Test func `a guest that has gone is given up`() throws {
            let guest = try Guest.relayed()
            let (_, server) = try open(guest)
            server.send([1])
            #expect(guest.run { !guest.take().isEmpty })
            guest.pass(.seconds(1200))
            #expect(guest.nat.flowCount == 0)
            #expect(guest.nat.slirp.relay.buffers.usedCount == 0)
        }

        // MARK: Ends

        @Test func `the host's end of the stream comes after all its data, and the guest may go on`() throws {
            let guest = try Guest.relayed()
            let (connection, server) = try open(guest)
            server.send([1, 2, 3])
            server.shutdownWriting()
            #expect(connection.run { connection.isFinished })
            #expect(connection.received == [1, 2, 3])
            connection.send([4, 5])
            #expect(receive(server, 2, connection) == [4, 5])
            connection.finish()
            #expect(guest.run { server.receive() == [] })
            // The side that closes first waits (RFC 9293, 3.6.1).
            guest.pass(.seconds(30))
            #expect(guest.nat.flowCount == 0)
        }

        @Test func `a guest goes on for as long as it likes after the host's end of the stream`() throws {
            let guest = try Guest.relayed()
            let (connection, server) = try open(guest)
            server.shutdownWriting()
            #expect(connection.run { connection.isFinished })
            // More than one window.
            let data = Self.data + Self.data + Self.data
            #expect(upload(data, by: 40_000, connection, server) == data)
            for minute: UInt8 in 1...20 {
                guest.pass(.seconds(60))
                #expect(upload([minute], by: 1, connection, server) == [minute])
            }
            #expect(connection.acknowledged == connection.sequence && !connection.isReset)
        }

        @Test func `the guest's end of the stream is the host's, which may go on`() throws {
            let guest = try Guest.relayed()
            let (connection, server) = try open(guest)
            connection.send([1], flags: [.ack, .psh, .fin])
            connection.sequence &+= 1
            #expect(receive(server, 1, connection) == [1])
            #expect(guest.run { server.receive() == [] })
            #expect(connection.run { connection.acknowledged == connection.sequence })
            server.send([2, 3])
            #expect(connection.run { connection.received == [2, 3] })
            server.shutdownWriting()
            #expect(connection.run { connection.isFinished })
            #expect(guest.run { guest.nat.flowCount == 0 })
        }

        @Test func `a reset of the host's is the guest's`() throws {
            let guest = try Guest.relayed()
            var (connection, server): (Connection, HostSocket?) = try open(guest)
            server?.resetOnClose()
            server = nil
            #expect(connection.run { connection.isReset })
            #expect(guest.nat.flowCount == 0)
        }

        @Test(arguments: [true, false])
        func `a guest whose last bytes meet a reset of the host's is reset, and not told that all is well`(
            endsWithThem: Bool
        ) throws {
            let guest = try Guest.relayed()
            var (connection, server): (Connection, HostSocket?) = try open(guest)
            server?.resetOnClose()
            server = nil
            let data = [UInt8](repeating: 7, count: 40_000)
            let end = connection.sequence &+ UInt32(data.count)
            guest.send(
                batch: endsWithThem
                    ? [connection.segment([.fin, .ack], data)]
                    : [connection.segment(.ack, data), connection.segment([.fin, .ack], at: end)])
            #expect(connection.run { connection.isReset })
            #expect(!connection.isFinished && guest.nat.flowCount == 0)
        }

        @Test func `a guest that sends to a host that has ended its stream and then gone is reset`()
            throws
        {
            let guest = try Guest.relayed()
            var (connection, server): (Connection, HostSocket?) = try open(guest)
            server?.shutdownWriting()
            #expect(connection.run { connection.isFinished })
            server?.resetOnClose()
            server = nil
            for _ in 0..<3 where !connection.isReset { connection.send([UInt8](repeating: 7, count: 40_000)) }
            #expect(connection.isReset && guest.nat.flowCount == 0)
        }

        @Test func `a reset of the guest's closes the host's socket, unless its number is out of the window`() throws {
            let guest = try Guest.relayed()
            let (connection, server) = try open(guest)
            #expect(guest.send(connection.segment(.rst, at: connection.sequence &- 1)) == .outOfOrder)
            #expect(guest.nat.flowCount == 1)
            guest.send(connection.segment(.rst))
            #expect(guest.nat.flowCount == 0)
            #expect(guest.run { server.receive() == [] })
        }

        @Test func `a guest that was restarted can use its ports again`() throws {
            let guest = try Guest.relayed()
            let (old, _) = try open(guest)
            old.send([1])
            let again = Connection(guest, from: 40000, to: old.remote, sequence: 7_000_000)
            guest.send(again.segment(.syn, options: Self.scaling))
            #expect(guest.run { guest.nat.slirp.relay[0]?.libraryAcknowledgement != 1001 })
        }

        @Test func `acknowledgements of what was not sent are ignored`() throws {
            let guest = try Guest.relayed()
            let (connection, server) = try open(guest)
            let wild = guest.builder.tcp(
                from: connection.local, to: connection.remote, flags: .ack, sequence: connection.sequence,
                acknowledgement: connection.expected &+ 500, window: 1)
            #expect(guest.send(wild) == .outOfOrder)
            server.send([1])
            #expect(connection.run { connection.received == [1] })
        }

        @Test func `no segments of a guest stop the relay or change what others send`() throws {
            let guest = try Guest.relayed()
            let (hostile, _) = try open(guest)
            var random = SeededGenerator(seed: 4)
            for _ in 0..<5000 {
                let frame = guest.builder.tcp(
                    from: hostile.local, to: hostile.remote,
                    flags: TCPHeader.Flags(rawValue: UInt8.random(in: 0...255, using: &random) & ~4),
                    sequence: hostile.sequence &+ UInt32.random(in: 0...70_000, using: &random) &- 2000,
                    acknowledgement: UInt32.random(in: 0...(.max), using: &random),
                    window: UInt16.random(in: 0...(.max), using: &random),
                    payload: [UInt8](repeating: 7, count: Int.random(in: 0...1460, using: &random)))
                guest.send(frame)
                _ = guest.take()
            }
            let (connection, server) = try open(guest, from: 40001)
            #expect(upload(Self.data, by: 1460, connection, server) == Self.data)
        }
    }
}
