import Foundation
import TAPGuest
import Testing
import VmnetWire

extension Integration {
    /// Whatever a peer sends, the daemon lives, the next guest is served, and nothing is left over.
    @Suite struct HostileInputTests {
        @Test(.needs(.udhcpc), arguments: SocketKind.allCases)
        func `frames of every wrong length are survived`(kind: SocketKind) async throws {
            let serve = try await Serve(on: HostNetwork(), in: TemporaryFolder())
            let lengths = [0, 1, 13, 14, 1514, 9014, 65_549, 65_550, 65_551, 69_632, 73_729, 131_072]
            for length in lengths {
                let peer = try UnixSocket(connectingTo: serve.socket(kind), kind)
                // Too long for the socket itself, or the daemon has hung up already: as good.
                try? peer.send(frame: [UInt8](repeating: 0xff, count: length))
                try? peer.send(frame: [UInt8](repeating: 0, count: length))
            }
            try await Self.checkService(of: serve, over: kind)
        }

        @Test(.needs(.udhcpc))
        func `a stream that lies about its lengths or breaks off is survived`() async throws {
            let serve = try await Serve(on: HostNetwork(), in: TemporaryFolder())
            let openings: [[UInt8]] = [
                [0x00], [0x00, 0x00, 0x05],  // half a length
                [0x00, 0x00, 0x05, 0xea] + [UInt8](repeating: 0xff, count: 700),  // half a frame
                [0x00, 0x01, 0x00, 0x0f] + [UInt8](repeating: 0xff, count: 70_000),  // longer than any frame
                [0x7f, 0xff, 0xff, 0xff], [0xff, 0xff, 0xff, 0xff, 0xff],  // longer than memory
                [UInt8](repeating: 0, count: 100_000),  // empty frames, 25,000 of them
            ]
            for opening in openings {
                let peer = try UnixSocket(connectingTo: serve.socket(.stream), .stream)
                try? peer.send(opening)
            }
            try await Self.checkService(of: serve, over: .stream)
        }

        @Test(.needs(.udhcpc), arguments: SocketKind.allCases)
        func `random frames are survived`(kind: SocketKind) async throws {
            let serve = try await Serve(on: HostNetwork(), in: TemporaryFolder())
            var noise = Noise(seed: 2)
            // The gateway's address is found out as any guest does.
            let gateway = try resolveGateway(over: UnixSocket(connectingTo: serve.socket(.stream), .stream))
            let types: [UInt16] = [0x0800, 0x0806, 0x86dd, 0x8100, 0x0000]
            var peer = try UnixSocket(connectingTo: serve.socket(kind), kind)
            for number in 0..<20_000 {
                var payload = noise.bytes(Int(noise.next() % 600))
                // Most get past the first check of an IPv4 header.
                if number % 4 != 0, !payload.isEmpty { payload[0] = 0x45 }
                let frame = ethernetFrame(
                    to: number % 3 == 0 ? .broadcast : gateway, from: MACAddress(bits: 0x0200_0000_0009),
                    type: types[Int(noise.next() % 5)], payload: payload)
                do {
                    try peer.send(frame: frame)
                } catch {
                    peer = try UnixSocket(connectingTo: serve.socket(kind), kind)
                }
            }
            try await Self.checkService(of: serve, over: kind)
        }

        @Test(.needs(.udhcpc), arguments: SocketKind.allCases)
        func `a thousand guests that come and go leave nothing behind`(kind: SocketKind) async throws {
            let serve = try await Serve(on: HostNetwork(), in: TemporaryFolder())
            // The last datagram guest's address is kept, and a socket for it.
            let idle = ProcessFigures(of: serve.child.pid).descriptorCount + (kind == .dgram ? 1 : 0)
            // The first thousand leave pools of memory behind that the second must find.
            var residentKiB: [Int] = []
            for _ in 0..<2 {
                try await Self.comeAndGo(1000, on: serve, over: kind)
                try await eventually("as many descriptors as before", within: .seconds(5)) {
                    ProcessFigures(of: serve.child.pid).descriptorCount <= idle
                }
                residentKiB.append(ProcessFigures(of: serve.child.pid).residentKiB)
            }
            #expect(residentKiB[1] - residentKiB[0] < 512, "\(residentKiB)")
            try await Self.checkService(of: serve, over: kind)
        }

        /// Guests that say one thing each, from an address of their own, and leave, every other in the middle of a frame.
        private static func comeAndGo(_ count: Int, on serve: Serve, over kind: SocketKind) async throws {
            for number in 0..<count {
                let peer = try await Self.connect(to: serve, kind)
                let source = MACAddress(bits: 0x0200_0001_0000 | UInt64(number))
                let frame = ethernetFrame(to: .broadcast, from: source, payload: [UInt8](repeating: 0, count: 46))
                if kind == .stream, number % 2 == 0 {
                    try peer.send([0, 0, 0, 60] + frame.prefix(20))
                } else {
                    try peer.send(frame: frame)
                }
            }
        }

        /// Connects, again if need be: for a moment there is nothing at a datagram socket's path when it changes hands.
        private static func connect(to serve: Serve, _ kind: SocketKind) async throws -> UnixSocket {
            var socket: UnixSocket?
            try await eventually("a socket at \(serve.socket(kind))", within: .seconds(2)) {
                socket = try? UnixSocket(connectingTo: serve.socket(kind), kind)
                return socket != nil
            }
            return try #require(socket)
        }

        /// A well-behaved guest on the same socket gets its address and the gateway; and the daemon ends well.
        private static func checkService(of serve: Serve, over kind: SocketKind) async throws {
            #expect(serve.child.isRunning, "\(serve.child.errors.suffix(2000))")
            let guest = try await NamespaceGuest(
                connectedTo: serve.socket(kind), kind, address: "02:00:00:00:00:01")
            checkLease(try await guest.acquireLease(), on: try serve.promise)
            #expect(try await guest.canPing(serve.promise.gateway))
            try await serve.stop()
        }
    }
}
