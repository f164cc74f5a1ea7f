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

        // MARK: Data

        @Test func `data arrive in both directions, in large segments`() throws {
            let guest = try Guest.relayed()
            let (connection, server) = try guest.openRelayed()
            #expect(connection.upload(Self.data, by: 40_000, to: server) == Self.data)
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
            let (scaled, server) = try guest.openRelayed()
            #expect(scaled.peerScale == RelayedConnection.scale)
            #expect(scaled.upload([1], by: 1, to: server) == [1])
            #expect(Int(scaled.peerWindow) << Int(RelayedConnection.scale) == RelayedConnection.firstShare)
            let (plain, other) = try guest.openRelayed(from: 40001, options: [2, 4, 0x05, 0xb4])
            #expect(plain.peerScale == nil)
            #expect(plain.upload([1], by: 1, to: other) == [1])
            #expect(plain.peerWindow == 65535)
        }

        @Test func `a window grows before a guest that sends ever faster has to wait for it`() throws {
            let guest = try Guest.relayed()
            let (connection, server) = try guest.openRelayed()
            // What Linux sends before the first answer, and twice as much with each (RFC 6928, RFC 5681).
            var size = 14_600
            while size < RelayedConnection.largestShare {
                #expect(Int(connection.peerWindow) << Int(RelayedConnection.scale) >= size)
                let data = [UInt8](repeating: 7, count: size)
                #expect(connection.upload(data, by: 1460, to: server) == data)
                size *= 2
            }
            #expect(Int(connection.peerWindow) << Int(RelayedConnection.scale) == RelayedConnection.largestShare)
        }

        @Test func `a guest that sends little at a time is promised no more, however long it goes on`() throws {
            let guest = try Guest.relayed()
            let (connection, server) = try guest.openRelayed()
            let data = [UInt8](repeating: 7, count: 20_000)
            for _ in 0..<20 {
                #expect(connection.upload(data, by: 20_000, to: server) == data)
                guest.pass(.milliseconds(200))
            }
            #expect(Int(connection.peerWindow) << Int(RelayedConnection.scale) == RelayedConnection.firstShare)
            #expect(guest.nat.slirp.relay.buffers.lent < RelayedConnection.firstShare)
        }

        @Test func `a guest that takes little is sent no more than that`() throws {
            let guest = try Guest.relayed()
            let (connection, server) = try guest.openRelayed(options: [2, 4, 0x05, 0xb4])
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
            let (connection, server) = try guest.openRelayed()
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
            let (connection, server) = try guest.openRelayed()
            _ = guest.take()
            guest.send(batch: [connection.segment([.fin, .ack, .psh], data)])
            #expect(guest.take().count == 1)
            withExtendedLifetime(server) {}
        }

        @Test func `a connection to the host is not paced`() throws {
            let guest = try Guest.relayed()
            let (connection, _) = try guest.openRelayed()
            let relayed = (0..<guest.nat.context.flows.sockets.slotCount).compactMap { guest.nat.slirp.relay[$0] }
            #expect(relayed.map { congestionControl(of: $0.descriptor) } == ["reno"])
            connection.finish()
        }

        @Test(arguments: [true, false])
        func `a service of the host is close behind what is read from it, if the guest's port is slow`(
            isNarrow: Bool
        ) throws {
            let guest = try Guest.relayed { $0.narrowsHostWindow = isNarrow }
            let (connection, server) = try guest.openRelayed()
            let window = try #require(longestWindow(of: server.descriptor))
            #expect(isNarrow ? window == 131_070 : window > 131_070)
            connection.finish()
        }

        @Test(arguments: [1344, 1500, 9000, 65_520])
        func `what the host sends comes in whole segments, as many as a frame holds`(mtu: Int) throws {
            let guest = try Guest.relayed { $0.mtu = mtu }
            let size = mtu - 40
            let (connection, server) = try guest.openRelayed(options: Connection.scaling(segmentSize: size))
            connection.window = 8192
            connection.send([], flags: .ack)
            let wanted = 65_495 / size * size
            #expect(server.send([UInt8](repeating: 1, count: 2 * wanted)) == 2 * wanted)
            #expect(guest.takeData(2 * wanted).first?.count == wanted)
        }

        @Test func `long segments are acknowledged one by one, short ones together`() throws {
            let guest = try Guest.relayed()
            let (connection, server) = try guest.openRelayed()
            for (size, count) in [(40_000, 3), (1_000, 1)] {
                _ = guest.take()
                guest.send(
                    batch: (0..<3).map { index in
                        connection.segment(
                            .ack, [UInt8](repeating: 7, count: size), at: connection.sequence &+ UInt32(index * size))
                    })
                #expect(guest.take().count == count)
                connection.sequence &+= UInt32(3 * size)
                #expect(connection.receive(3 * size, at: server).count == 3 * size)
            }
        }

        @Test func `a long segment that fills a gap is acknowledged with all that was behind it`() throws {
            let guest = try Guest.relayed()
            let (connection, server) = try guest.openRelayed()
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
            #expect(connection.receive(3 * size, at: server).count == 3 * size)
        }

        @Test func `without room at the port nothing is read, and the descriptor is silent`() throws {
            let guest = try Guest.relayed()
            let (connection, server) = try guest.openRelayed()
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
                let (connection, _) = try guest.openRelayed(from: port)
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
            let (connection, server) = try guest.openRelayed()
            guest.isFull = true
            server.send([1, 2, 3])
            #expect(guest.run { guest.nat.counters.refusedByPort == 1 })
            guest.isFull = false
            guest.pass(.milliseconds(400))
            connection.handle()
            #expect(connection.received == [1, 2, 3])
        }

        @Test func `data behind an urgent byte are read with those before it`() throws {
            let guest = try Guest.relayed()
            let (connection, server) = try guest.openRelayed()
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

        // MARK: Ends

        @Test func `the host's end of the stream comes after all its data, and the guest may go on`() throws {
            let guest = try Guest.relayed()
            let (connection, server) = try guest.openRelayed()
            server.send([1, 2, 3])
            server.shutdownWriting()
            #expect(connection.run { connection.isFinished })
            #expect(connection.received == [1, 2, 3])
            connection.send([4, 5])
            #expect(connection.receive(2, at: server) == [4, 5])
            connection.finish()
            #expect(guest.run { server.receive() == [] })
            // The side that closes first waits (RFC 9293, 3.6.1).
            guest.pass(.seconds(30))
            #expect(guest.nat.flowCount == 0)
        }

        @Test func `a guest goes on for as long as it likes after the host's end of the stream`() throws {
            let guest = try Guest.relayed()
            let (connection, server) = try guest.openRelayed()
            server.shutdownWriting()
            #expect(connection.run { connection.isFinished })
            // More than one window.
            let data = Self.data + Self.data + Self.data
            #expect(connection.upload(data, by: 40_000, to: server) == data)
            for minute: UInt8 in 1...20 {
                guest.pass(.seconds(60))
                #expect(connection.upload([minute], by: 1, to: server) == [minute])
            }
            #expect(connection.acknowledged == connection.sequence && !connection.isReset)
        }

        @Test func `the guest's end of the stream is the host's, which may go on`() throws {
            let guest = try Guest.relayed()
            let (connection, server) = try guest.openRelayed()
            connection.send([1], flags: [.ack, .psh, .fin])
            connection.sequence &+= 1
            #expect(connection.receive(1, at: server) == [1])
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
            var (connection, server): (Connection, HostSocket?) = try guest.openRelayed()
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
            var (connection, server): (Connection, HostSocket?) = try guest.openRelayed()
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
            var (connection, server): (Connection, HostSocket?) = try guest.openRelayed()
            server?.shutdownWriting()
            #expect(connection.run { connection.isFinished })
            server?.resetOnClose()
            server = nil
            for _ in 0..<3 where !connection.isReset { connection.send([UInt8](repeating: 7, count: 40_000)) }
            #expect(connection.isReset && guest.nat.flowCount == 0)
        }

        @Test func `a reset of the guest's closes the host's socket, unless its number is out of the window`() throws {
            let guest = try Guest.relayed()
            let (connection, server) = try guest.openRelayed()
            #expect(guest.send(connection.segment(.rst, at: connection.sequence &- 1)) == .outOfOrder)
            #expect(guest.nat.flowCount == 1)
            guest.send(connection.segment(.rst))
            #expect(guest.nat.flowCount == 0)
            #expect(guest.run { server.receive() == [] })
        }

        @Test func `a guest that was restarted can use its ports again`() throws {
            let guest = try Guest.relayed()
            let (old, _) = try guest.openRelayed()
            old.send([1])
            let again = Connection(guest, from: 40000, to: old.remote, sequence: 7_000_000)
            guest.send(again.segment(.syn, options: Connection.scaling))
            #expect(guest.run { guest.nat.slirp.relay[0]?.libraryAcknowledgement != 1001 })
        }

        @Test func `a segment that acknowledges what was not sent is answered, and not taken`() throws {
            let guest = try Guest.relayed()
            let (connection, server) = try guest.openRelayed()
            _ = guest.take()
            let wild = guest.builder.tcp(
                from: connection.local, to: connection.remote, flags: [.ack, .psh], sequence: connection.sequence,
                acknowledgement: connection.expected &+ 500, window: 1, payload: [9])
            // A guest that does not agree would answer each of the answers.
            guest.inNoTime { for _ in 0..<10 { #expect(guest.send(wild) == .outOfOrder) } }
            #expect(
                guest.take().compactMap { Packet($0)?.tcp?.header }.map(\.acknowledgement) == [connection.sequence])
            server.send([1])
            #expect(connection.run { connection.received == [1] })
            connection.send([2])
            #expect(connection.receive(1, at: server) == [2])
        }

        @Test func `no segments of a guest stop the relay or change what others send`() throws {
            let guest = try Guest.relayed()
            let (hostile, victim) = try guest.openRelayed(options: Connection.selective)
            var random = SeededGenerator(seed: 4)
            var next = hostile.expected
            for _ in 0..<5000 {
                _ = victim.receive()
                victim.send([UInt8](repeating: 7, count: Int.random(in: 0...3000, using: &random)))
                var near: UInt32 { next &- 4000 &+ UInt32.random(in: 0...8000, using: &random) }
                let blocks = (0..<Int.random(in: 0...3, using: &random)).map { _ in
                    SelectiveAcknowledgementOption.Block(start: near, end: near)
                }
                let frame = guest.builder.tcp(
                    from: hostile.local, to: hostile.remote,
                    flags: TCPHeader.Flags(rawValue: UInt8.random(in: 0...255, using: &random) & ~5 | 16),
                    sequence: hostile.acknowledged &- 2000 &+ UInt32.random(in: 0...70_000, using: &random),
                    acknowledgement: Bool.random(using: &random) ? near : .random(in: 0...(.max), using: &random),
                    window: .random(in: 0...(.max), using: &random),
                    options: [UInt8](capacity: SelectiveAcknowledgementOption.byteCount(ofBlocks: blocks.count)) {
                        SelectiveAcknowledgementOption.write(blocks, to: &$0)
                    },
                    payload: [UInt8](repeating: 7, count: .random(in: 0...1460, using: &random)))
                guest.send(frame)
                if Int.random(in: 0..<50, using: &random) == 0 { guest.pass(.milliseconds(300)) }
                guest.poll()
                for frame in guest.take() {
                    guard let segment = Packet.segment(in: frame), let header = try? TCPHeader(parsing: segment.span)
                    else { continue }
                    let end = header.sequence &+ UInt32(segment.count - header.headerLength)
                    if Int32(bitPattern: end &- next) > 0 { next = end }
                }
            }
            #expect(next &- hostile.expected > 1_000_000, "the host's stream went on")
            let (connection, server) = try guest.openRelayed(from: 40001)
            #expect(connection.upload(Self.data, by: 1460, to: server) == Self.data)
        }
    }
}
