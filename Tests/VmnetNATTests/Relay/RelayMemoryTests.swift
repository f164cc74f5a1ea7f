import Glibc
import Testing
import VmnetTesting
import VmnetWire

@testable import VmnetNAT

extension LibraryTests {
    /// What the connections of one guest hold in memory together, of 8 MiB for 64 of them.
    @Suite struct RelayMemoryTests {
        private static let connections = 64
        private static let byteCount = 8 << 20

        private func makeGuest(holding byteCount: Int = RelayMemoryTests.byteCount) throws -> Guest {
            let guest = try Guest.relayed()
            guest.nat.slirp.relay.buffers = StreamBufferPool(byteCount: byteCount, maximumCount: Self.connections)
            return guest
        }

        /// A connection whose stream from the guest is the bytes of `byte`.
        private final class Stream {
            let connection: Connection
            let server: HostSocket
            let relayed: RelayedConnection
            private let first: UInt32
            private(set) var read = 0

            init(_ connection: Connection, _ server: HostSocket, _ relayed: RelayedConnection) {
                (self.connection, self.server, self.relayed) = (connection, server, relayed)
                first = connection.sequence
            }

            var acknowledgedCount: Int { Int(connection.acknowledged &- first) }
            var window: Int { Int(connection.peerWindow) << Int(RelayedConnection.scale) }

            private static func byte(_ place: Int) -> UInt8 { UInt8(truncatingIfNeeded: place / 251 ^ place / 65521) }
            private static let pattern = (0..<2_000_000).map(byte)

            /// Sends what the window allows, up to the `end` of the stream, and again what has not been taken; returns how
            /// much has been.
            @discardableResult
            func fill(to end: Int = Stream.pattern.count) -> Int {
                let before = acknowledgedCount
                while window > 0, acknowledgedCount < end {
                    let start = acknowledgedCount
                    connection.sequence = connection.acknowledged
                    connection.send(Array(Self.pattern[start..<min(end, start + min(60_000, window))]))
                    guard acknowledgedCount > start else { break }
                }
                return acknowledgedCount - before
            }

            /// Has the server read what there is, all of it as it was sent.
            func readAvailable() {
                while let bytes = server.receive(), !bytes.isEmpty {
                    #expect(bytes.elementsEqual(Self.pattern[read..<(read + bytes.count)]))
                    read += bytes.count
                }
            }

            /// Has the guest send until it is promised a whole window, or what it is promised grows no more.
            func grow() {
                for _ in 0..<6 where relayed.share < RelayedConnection.largestShare {
                    let end = acknowledgedCount + relayed.share / 2
                    while acknowledgedCount < end {
                        let start = acknowledgedCount
                        connection.send(Array(Self.pattern[start..<min(start + 60_000, end)]))
                    }
                    connection.run {
                        readAvailable()
                        return read == acknowledgedCount && relayed.backlog == nil
                    }
                }
            }

            /// Has the socket hold little. The server's buffer is left alone: the kernel is slow to fill one that is smaller
            /// than a segment.
            func narrow() {
                var size: Int32 = 4096
                // Safety: the kernel reads one integer.
                _ = unsafe setsockopt(
                    relayed.descriptor, SOL_SOCKET, SO_SNDBUF, &size, socklen_t(MemoryLayout<Int32>.size))
            }
        }

        private func open(_ guest: Guest, from port: UInt16) throws -> Stream {
            let listener = HostSocket.listener()
            let connection = Connection(guest, from: port, to: Endpoint(Guest.gateway, listener.port))
            connection.options = Connection.scaling
            try #require(connection.open())
            var accepted: HostSocket?
            guest.run {
                accepted = listener.accept()
                return accepted != nil
            }
            let slots = 0..<guest.nat.context.flows.sockets.slotCount
            let relayed = slots.compactMap { guest.nat.slirp.relay[$0] }.first { $0.key.sourcePort == port }
            return Stream(connection, try #require(accepted), try #require(relayed))
        }

        /// Opens as many connections as there can be, less one.
        private func openAll(_ guest: Guest) throws -> [Stream] {
            try (1..<Self.connections).map { try open(guest, from: 40000 + UInt16($0)) }
        }

        private func expectBound(_ guest: Guest, _ streams: [Stream]) {
            let pool = guest.nat.slirp.relay.buffers
            #expect(pool.lent <= pool.capacity)
            let held = streams.reduce(0) {
                $0 + ($1.relayed.flight?.touchedByteCount ?? 0) + ($1.relayed.backlog?.byteCount ?? 0)
            }
            #expect(held <= Self.byteCount)
        }

        /// Has the guest fill all its connections while nobody reads.
        private func fillAll(_ streams: [Stream]) {
            for stream in streams {
                stream.grow()
                stream.narrow()
                stream.fill()
            }
        }

        /// Has the hosts send `data` on each connection to a guest that acknowledges nothing of it.
        private func sendAll(_ data: [UInt8], to streams: [Stream]) {
            for stream in streams {
                let connection = stream.connection
                connection.window = 8192
                connection.acknowledgementLimit = connection.expected
                connection.send([], flags: .ack)
                #expect(stream.server.send(data) == data.count)
                let isFull = connection.run {
                    let relay = connection.guest.nat.slirp.relay
                    let most = StreamBuffer.limit(within: relay.buffers.reach(of: stream.relayed.flight))
                    let flight = stream.relayed.flightCount
                    return flight == data.count || flight > 0 && most - flight < stream.relayed.segmentSize
                }
                #expect(isFull)
            }
        }

        /// Has the guest acknowledge what it gets, and expects all of it.
        private func takeAll(_ data: [UInt8], from streams: [Stream]) {
            for stream in streams {
                let connection = stream.connection
                connection.acknowledgementLimit = nil
                connection.send([], flags: .ack)
                #expect(connection.run { connection.received.count == data.count && stream.relayed.flight == nil })
                #expect(connection.received == data)
            }
        }

        private static let data = (0..<500_000).map { UInt8(truncatingIfNeeded: $0 / 251) }

        // MARK: From the guest

        @Test func `a guest that fills its connections while nobody reads has no more kept than its bound, nor lost`()
            throws
        {
            let guest = try makeGuest()
            let streams = try openAll(guest)
            fillAll(streams)
            expectBound(guest, streams)
            #expect(streams.contains { $0.relayed.share == RelayedConnection.largestShare })
            #expect(streams.contains { $0.relayed.isBlocked })
            // Nobody's window is open for what nothing would take.
            #expect(streams.allSatisfy { $0.window == 0 || $0.relayed.room > 0 })
            for stream in streams {
                let kept = stream.acknowledgedCount
                let isThere = stream.connection.run {
                    stream.readAvailable()
                    return stream.read == kept
                }
                #expect(isThere, "\(stream.read) of \(kept) bytes")
            }
        }

        @Test func `a promise that was made is kept when other connections have taken the rest`() throws {
            let guest = try makeGuest()
            let first = try open(guest, from: 39999)
            first.grow()
            #expect(first.window == RelayedConnection.largestShare)
            first.narrow()
            let streams = try openAll(guest).dropLast()
            fillAll(Array(streams))
            #expect(first.fill() >= RelayedConnection.largestShare)
            expectBound(guest, streams + [first])
        }

        @Test func `what connections were promised that are long idle is lent to others, until they send again`() throws
        {
            let guest = try makeGuest()
            let idle = try (1...16).map { try open(guest, from: 40000 + UInt16($0)) }
            for stream in idle { stream.grow() }
            let pool = guest.nat.slirp.relay.buffers
            #expect(pool.lent > pool.capacity * 7 / 8 - 2 * RelayedConnection.largestShare)
            guest.pass(.seconds(31))
            let next = try open(guest, from: 41000)
            next.grow()
            #expect(next.window == RelayedConnection.largestShare)
            next.server.send(Self.data)
            #expect(next.connection.run { next.connection.received.count == Self.data.count })
            let before = idle[0].read
            idle[0].grow()
            #expect(idle[0].read > before && idle[0].relayed.reserved == RelayedConnection.largestShare)
        }

        @Test func `a guest whose bytes nobody can keep waits, and goes on once the host reads`() throws {
            let guest = try makeGuest(holding: 0)
            let stream = try open(guest, from: 40000)
            stream.narrow()
            stream.fill()
            #expect(stream.window == 0 && stream.relayed.isBlocked && stream.relayed.backlog == nil)
            let wanted = stream.acknowledgedCount + 500_000
            let isThere = stream.connection.run {
                stream.readAvailable()
                stream.fill(to: wanted)
                return stream.read >= wanted
            }
            #expect(isThere)
            #expect(stream.relayed.share == RelayedConnection.firstShare)
        }

        // MARK: To the guest

        @Test func `a guest that acknowledges nothing has no more sent to it than its bound, and loses nothing`() throws
        {
            let guest = try makeGuest()
            let streams = try openAll(guest)
            sendAll(Self.data, to: streams)
            expectBound(guest, streams)
            #expect(streams.contains { $0.relayed.flightCount == Self.data.count })
            let least = streams.map(\.relayed.flightCount).min() ?? 0
            #expect(0 < least && least < StreamBuffer.pageByteCount, "\(least) bytes")
            takeAll(Self.data, from: streams)
            #expect(guest.nat.slirp.relay.buffers.usedCount == 0)
        }

        // MARK: Both

        @Test func `a guest at its bound opens one more connection, which carries data both ways`() throws {
            let guest = try makeGuest()
            let streams = try openAll(guest)
            sendAll(Self.data, to: streams)
            fillAll(streams)
            expectBound(guest, streams)
            let further = try open(guest, from: 41000)
            while further.acknowledgedCount < Self.data.count {
                further.fill(to: Self.data.count)
                further.readAvailable()
            }
            let connection = further.connection
            #expect(
                connection.run {
                    further.readAvailable()
                    return further.read == further.acknowledgedCount
                })
            further.server.send(Self.data)
            #expect(connection.run { connection.received.count == Self.data.count })
            #expect(connection.received == Self.data)
            expectBound(guest, streams + [further])
        }

        @Test func `what connections held comes back when they end`() throws {
            let guest = try makeGuest()
            let streams = try openAll(guest)
            sendAll(Self.data, to: streams)
            fillAll(streams)
            for stream in streams { guest.send(stream.connection.segment(.rst, at: stream.connection.acknowledged)) }
            #expect(guest.nat.flowCount == 0)
            let pool = guest.nat.slirp.relay.buffers
            #expect(pool.usedCount == 0 && pool.lent < pool.capacity * 7 / 8 - 2 * RelayedConnection.largestShare)
            let next = try open(guest, from: 41000)
            next.grow()
            #expect(next.window == RelayedConnection.largestShare)
        }

        @Test func `what a connection was promised comes back when the guest's stream has ended`() throws {
            let guest = try makeGuest()
            let stream = try open(guest, from: 40000)
            stream.grow()
            #expect(guest.nat.slirp.relay.buffers.lent >= RelayedConnection.largestShare)
            stream.connection.finish()
            #expect(guest.run { stream.server.receive() == [] })
            #expect(guest.nat.slirp.relay.buffers.lent < RelayedConnection.largestShare)
        }

        @Test func `what one guest holds is no other's loss`() throws {
            let greedy = try makeGuest()
            fillAll(try openAll(greedy))
            let other = try makeGuest()
            let stream = try open(other, from: 40000)
            stream.grow()
            #expect(stream.window == RelayedConnection.largestShare)
        }
    }
}
