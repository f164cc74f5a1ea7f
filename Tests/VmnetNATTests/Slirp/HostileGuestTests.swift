import Testing
import VmnetSwitch
import VmnetTesting
import VmnetWire

@testable import VmnetNAT

extension LibraryTests {
    /// Frames nobody would send who meant well, through every guard into libslirp.
    @Suite struct HostileGuestTests {
        /// Frames that pass, of every kind, for a random change to begin with.
        private func seeds(_ guest: Guest, _ tcp: UInt16, _ udp: UInt16) -> [[UInt8]] {
            let (builder, gateway) = (guest.builder, IPAddress.v4(Guest.gateway))
            let six: Endpoint = "[fd00::5]:1025"
            let large = builder.udp(
                from: guest.endpoint(9), to: Endpoint(Guest.gateway, udp), payload: [UInt8](repeating: 1, count: 3000))
            return [
                builder.arpRequest(from: Guest.address, for: Guest.gateway),
                builder.echoRequest(from: .v4(Guest.address), to: gateway, payload: [1, 2, 3]),
                builder.udp(from: guest.endpoint(1), to: Endpoint(Guest.gateway, udp), payload: [1, 2, 3]),
                builder.udp(from: guest.endpoint(2), to: "192.168.64.1:53", payload: [1, 2, 3]),
                builder.tcp(from: guest.endpoint(3), to: Endpoint(Guest.gateway, tcp), flags: .syn),
                builder.tcp(from: guest.endpoint(3), to: Endpoint(Guest.gateway, tcp), flags: .ack, payload: [1]),
                builder.tcp(from: guest.endpoint(3), to: Endpoint(Guest.gateway, tcp), flags: [.fin, .ack]),
                builder.udp(from: six, to: Endpoint("fd00::2" as IPv6Address, udp), payload: [1, 2, 3]),
                builder.tcp(from: six, to: Endpoint("fd00::2" as IPv6Address, tcp), flags: .syn),
                builder.echoRequest(from: six.address, to: "fd00::2"),
                builder.icmp(
                    from: six.address, to: "fd00::2", type: 136, timeToLive: 255,
                    payload: [UInt8](repeating: 7, count: 24)),
            ] + Fragments.of(large, size: 1480)
        }

        /// A changed frame, with checksums that are right more often than not: behind a wrong one nothing is tried.
        private func mutate(_ frame: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
            var frame = frame
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                switch Int.random(in: 0..<8, using: &random) {
                case 0: frame = Array(frame.prefix(Int.random(in: 0...frame.count, using: &random)))
                case 1: frame += random.bytes(Int.random(in: 0..<64, using: &random))
                default:
                    guard !frame.isEmpty else { break }
                    // Mostly in the headers.
                    let end = Bool.random(using: &random) ? min(frame.count, 62) : frame.count
                    frame[Int.random(in: 0..<end, using: &random)] = UInt8.random(in: 0...255, using: &random)
                }
            }
            return Int.random(in: 0..<4, using: &random) == 0 ? frame : Self.repaired(frame)
        }

        private static func repaired(_ frame: [UInt8]) -> [UInt8] {
            guard frame.count >= 34, frame[12] == 8, frame[13] == 0, frame[14] & 15 == 5 else { return frame }
            var frame = frame
            frame.store(be16: 0, at: 24)
            frame.store(be16: InternetChecksum.of(frame.span.extracting(14..<34)), at: 24)
            let end = min(frame.count, 14 + (Int(frame[16]) << 8 | Int(frame[17])))
            let offset = frame[23] == 6 ? 50 : frame[23] == 1 ? 36 : 40
            guard end >= offset + 2 else { return frame }
            var sum = InternetChecksum()
            frame.store(be16: 0, at: offset)
            if frame[23] != 1 {
                sum.addPseudoHeader(
                    source: IPv4Address(bits: frame.span.be32(at: 26)),
                    destination: IPv4Address(bits: frame.span.be32(at: 30)), proto: IPProtocol(rawValue: frame[23]),
                    length: end - 34)
            }
            sum.add(frame.span.extracting(34..<end))
            frame.store(be16: sum.finished, at: offset)
            return frame
        }

        @Test(arguments: 1...4)
        func `twenty thousand random frames end in answers and drops`(seed: UInt64) throws {
            let listener = HostSocket.listener()
            let server = HostSocket.datagram()
            let guest = try Guest {
                $0.nat66Prefix = "fd00::"
                $0.limits.maximumTCP = 100
                $0.limits.maximumUDP = 100
            }
            var random = SeededGenerator(seed: seed)
            let seeds = seeds(guest, listener.port, server.port)
            var accepted: [HostSocket] = []
            for round in 0..<20_000 {
                let frame = seeds[Int.random(in: 0..<seeds.count, using: &random)]
                guest.send(Int.random(in: 0..<5, using: &random) == 0 ? frame : mutate(frame, &random))
                guard round % 50 == 0 else { continue }
                if let socket = listener.accept() { accepted.append(socket) }
                if accepted.count > 5 { accepted.remove(at: Int.random(in: 0...5, using: &random)) }
                for socket in accepted { socket.send([1, 2, 3]) }
                _ = server.echoDatagram()
                guest.runOnce(limit: .zero)
                if round % 1000 == 0 { guest.pass(.seconds(Int.random(in: 0...100, using: &random))) }
                _ = guest.take()
            }
            accepted = []
            // Whatever state it was brought to, it still works and comes to rest.
            guest.pass(.seconds(1000))
            #expect(guest.nat.flowCount == 0)
            let ping = guest.builder.echoRequest(from: .v4(Guest.address), to: .v4(Guest.gateway))
            _ = guest.take()
            guest.send(ping)
            #expect(guest.take().compactMap { Packet($0)?.icmp }.first?.header.type == 0)
        }
    }
}
