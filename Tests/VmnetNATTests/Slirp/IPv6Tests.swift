import CSlirp
import Glibc
import Testing
import VmnetSwitch
import VmnetTesting
import VmnetWire

@testable import VmnetNAT

extension LibraryTests {
    @Suite struct IPv6Tests {
        private let address: IPv6Address = "fd00::5054:ff:fe12:3456"
        private let local: IPv6Address = "fe80::5054:ff:fe12:3456"

        private func makeGuest() throws -> Guest {
            try Guest { $0.nat66Prefix = "fd00::1234" }
        }

        private func solicitation(_ guest: Guest) -> [UInt8] {
            let everyone = FrameBuilder(from: Guest.station, to: "33:33:00:00:00:02")
            return everyone.icmp(
                from: .v6(local), to: "ff02::2", type: 133, timeToLive: 255,
                payload: [1, 1] + Guest.station.octets)
        }

        /// An ICMPv6 message with a right checksum.
        private func message(_ frame: [UInt8]) -> (header: IPv6Header, body: [UInt8])? {
            guard let header = try? IPv6Header(parsing: frame.span.extracting(droppingFirst: 14)),
                header.nextHeader == .icmpv6
            else { return nil }
            let body = Array(frame[54...])
            var sum = InternetChecksum()
            sum.addPseudoHeader(
                source: header.source, destination: header.destination, proto: .icmpv6, length: body.count)
            sum.add(body.span)
            return sum.finished == 0 ? (header, body) : nil
        }

        @Test func `a router solicitation is answered with the prefix and the gateway's one station address`() throws {
            let guest = try makeGuest()
            #expect(guest.send(solicitation(guest)) == nil)
            let frame = try #require(guest.take().first)
            #expect(try EthernetHeader(parsing: frame.span).source == Guest.gatewayStation)
            let (header, body) = try #require(message(frame))
            #expect(header.source == "fe80::2")
            #expect(body[0] == ICMPHeader.V6.routerAdvertisement)
            // Options: source link-layer address, prefix information (RFC 4861, 4.6).
            #expect(Array(body[16..<24]) == [1, 1] + Guest.gatewayStation.octets)
            #expect(Array(body[24..<28]) == [3, 4, 64, 0xc0])
            #expect(Array(body[40..<56]) == [0xfd] + [UInt8](repeating: 0, count: 15))
            // No MTU option: libslirp's MTU is not the network's.
            var option = 16
            while option < body.count {
                #expect(body[option] != 5)
                option += Int(body[option + 1]) * 8
            }
        }

        @Test func `the gateway's addresses resolve to its one station address`() throws {
            let guest = try makeGuest()
            for target: IPv6Address in ["fd00::2", "fd00::3", "fe80::2"] {
                let everyone = FrameBuilder(from: Guest.station, to: "33:33:ff:00:00:02")
                let low = UInt64(target.low & 0xffff)
                let frame = everyone.icmp(
                    from: .v6(address), to: .v6(IPv6Address(high: 0xff02 << 48, low: 0x1_ff00_0000 | low)), type: 135,
                    timeToLive: 255, payload: octets(target) + [1, 1] + Guest.station.octets)
                #expect(guest.send(frame) == nil)
                let (header, body) = try #require(guest.take().first.flatMap(message))
                #expect(header.source == target)
                #expect(body[0] == ICMPHeader.V6.neighborAdvertisement)
                #expect(Array(body[24..<32]) == [2, 1] + Guest.gatewayStation.octets)
            }
        }

        private func octets(_ address: IPv6Address) -> [UInt8] {
            [address.high, address.low].flatMap { half in
                stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: half >> UInt64($0)) }
            }
        }

        @Test func `router advertisements come by themselves, minutes apart`() throws {
            let guest = try makeGuest()
            let deadline = try #require(guest.nat.deadline)
            #expect((.seconds(150)...(.seconds(700))).contains(deadline - guest.now))
            guest.pass(.seconds(700))
            let advertisements = guest.take().compactMap(message).filter { $0.body[0] == 134 }
            #expect(!advertisements.isEmpty)
            #expect(guest.nat.deadline != nil)
        }

        @Test func `the gateway answers pings`() throws {
            let guest = try makeGuest()
            guest.send(solicitation(guest))
            guest.send(neighbor(guest))
            _ = guest.take()
            #expect(
                guest.send(guest.builder.echoRequest(from: .v6(address), to: "fd00::2", payload: [1, 2, 3])) == nil)
            let (header, body) = try #require(guest.take().first.flatMap(message))
            #expect(header.source == "fd00::2" && header.destination == address)
            #expect(body[0] == ICMPHeader.V6.echoReply && Array(body[8...]) == [1, 2, 3])
        }

        /// The guest's answer to libslirp's question for its address.
        private func neighbor(_ guest: Guest) -> [UInt8] {
            guest.builder.icmp(
                from: .v6(address), to: "fd00::2", type: 136, rest: 0x6000_0000, timeToLive: 255,
                payload: octets(address) + [2, 1] + Guest.station.octets)
        }

        @Test func `an answer waits for the guest's address and leaves as soon as it is known`() throws {
            let guest = try makeGuest()
            guest.send(guest.builder.echoRequest(from: .v6(address), to: "fd00::2"))
            let question = try #require(guest.take().first.flatMap(message))
            #expect(question.body[0] == ICMPHeader.V6.neighborSolicitation)
            #expect(try #require(guest.nat.deadline) - guest.now <= .seconds(1))
            guest.send(neighbor(guest))
            let (_, body) = try #require(guest.take().first.flatMap(message))
            #expect(body[0] == ICMPHeader.V6.echoReply)
        }

        @Test func `a TCP connection reaches the host's loopback address and nothing else of the prefix`() throws {
            let listener = socket(AF_INET6, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
            defer { close(listener) }
            var name = sockaddr_in6()
            name.sin6_family = sa_family_t(AF_INET6)
            name.sin6_addr = in6addr_loopback
            var size = socklen_t(MemoryLayout<sockaddr_in6>.size)
            // Safety: a sockaddr_in6 is a sockaddr to the calls.
            let isBound = unsafe withUnsafeMutablePointer(to: &name) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe bind(listener, $0, size) == 0 && listen(listener, 5) == 0
                        && getsockname(listener, $0, &size) == 0
                }
            }
            // A host without IPv6 has nothing to reach.
            guard isBound else { return }
            let port = UInt16(bigEndian: name.sin6_port)
            let guest = try makeGuest()
            guest.send(neighbor(guest))
            let source = Endpoint(address, 1025)
            for other: IPv6Address in ["fd00::9", "::1", "fe80::2"] {
                let syn = guest.builder.tcp(from: source, to: Endpoint(other, port), flags: .syn)
                #expect(guest.send(syn) == .prohibited)
            }
            _ = guest.take()
            #expect(
                guest.send(guest.builder.tcp(from: source, to: Endpoint("fd00::2" as IPv6Address, port), flags: .syn))
                    == nil)
            let answer: TCPHeader? = guest.await { frame in
                guard (try? IPv6Header(parsing: frame.span.extracting(droppingFirst: 14)))?.nextHeader == .tcp else {
                    return nil
                }
                return try? TCPHeader(parsing: frame.span.extracting(droppingFirst: 54))
            }
            #expect(answer?.flags == [.syn, .ack])
            #expect(guest.nat.flowCount == 1)
            // Its connections are watched for order as those over IPv4 are.
            let early = guest.builder.tcp(
                from: source, to: Endpoint("fd00::2" as IPv6Address, port), flags: .ack, sequence: 50,
                acknowledgement: try #require(answer).sequence &+ 1, payload: [1])
            #expect(guest.send(early) == nil)
            #expect(!guest.nat.slirp.early.isEmpty)
        }
    }
}
