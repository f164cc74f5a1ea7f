import Glibc
import Testing
import VmnetTesting
import VmnetWire

@testable import VmnetNAT

extension LibraryTests {
    /// The relay where addresses are IPv6's.
    @Suite struct RelayIPv6Tests {
        private static let address: IPv6Address = "fd00::5054:ff:fe12:3456"
        private static let gateway: IPv6Address = "fd00::2"
        private static let data = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 / 251) }

        /// nil on a host without IPv6.
        private func listener() -> (HostSocket, port: UInt16)? {
            let raw = socket(AF_INET6, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
            guard raw >= 0 else { return nil }
            let listener = HostSocket(adopting: raw)
            var name = sockaddr_in6()
            name.sin6_family = sa_family_t(AF_INET6)
            name.sin6_addr = in6addr_loopback
            var size = socklen_t(MemoryLayout<sockaddr_in6>.size)
            // Safety: a sockaddr_in6 is a sockaddr to the calls.
            let isBound = unsafe withUnsafeMutablePointer(to: &name) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe bind(raw, $0, size) == 0 && listen(raw, 5) == 0 && getsockname(raw, $0, &size) == 0
                }
            }
            return isBound ? (listener, UInt16(bigEndian: name.sin6_port)) : nil
        }

        /// The guest's answer to libslirp's question for its address.
        private func neighbor(_ guest: Guest) -> [UInt8] {
            let octets = [Self.address.high, Self.address.low].flatMap { half in
                (0..<8).map { UInt8(truncatingIfNeeded: half >> (56 - 8 * $0)) }
            }
            return guest.builder.icmp(
                from: .v6(Self.address), to: .v6(Self.gateway), type: 136, rest: 0x6000_0000, timeToLive: 255,
                payload: octets + [2, 1] + Guest.station.octets)
        }

        // Of the second size 51 segments would fit beside the headers of IPv4.
        @Test(arguments: [1440, 1284])
        func `data and the ends of both streams pass over IPv6`(segmentSize: Int) throws {
            guard let (listener, port) = listener() else { return }
            let guest = try Guest.relayed { $0.nat66Prefix = "fd00::" }
            guest.send(neighbor(guest))
            let connection = Connection(
                guest, from: Endpoint(Self.address, 40000), to: Endpoint(Self.gateway, port))
            connection.options = Connection.scaling(segmentSize: segmentSize)
            try #require(connection.open())
            var accepted: HostSocket?
            guest.run {
                accepted = listener.accept()
                return accepted != nil
            }
            let server = try #require(accepted)
            #expect(guest.nat.slirp.relay[0]?.key.source == Self.address)
            connection.window = 8192
            connection.send([], flags: .ack)
            #expect(server.send(Self.data) == Self.data.count)
            #expect(connection.run { connection.received.count == Self.data.count })
            #expect(connection.received == Self.data && connection.largestSegment > 32768)
            #expect(connection.offloads.map(\.segmentation) == [.tcpv6])
            #expect(connection.offloads.map(\.segmentSize) == [UInt16(segmentSize)])
            connection.send([1, 2, 3])
            #expect(guest.run { server.receive() == [1, 2, 3] })
            server.shutdownWriting()
            #expect(connection.run { connection.isFinished })
            connection.send([4])
            #expect(guest.run { server.receive() == [4] })
            #expect(connection.run { connection.acknowledged == connection.sequence })
            connection.finish()
            #expect(guest.run { server.receive() == [] })
            guest.send(connection.segment(.rst))
            #expect(guest.nat.flowCount == 0)
        }
    }
}
