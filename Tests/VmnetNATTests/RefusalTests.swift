import Testing
import VmnetTesting
import VmnetWire

@testable import VmnetNAT

@Suite struct RefusalTests {
    private let builder = FrameBuilder(from: Guest.station, to: Guest.gatewayStation)

    private func answer(_ refusal: Refusal, to frame: [UInt8]) -> [UInt8]? {
        refusal.answer(
            to: frame.span, gatewayMAC: Guest.gatewayStation, gateway: Guest.gateway, gateway6: "fd00::2")
    }

    @Test func `a SYN is answered with a reset that acknowledges it`() throws {
        let syn = builder.tcp(from: "192.168.64.2:1025", to: "192.168.64.1:80", flags: .syn, sequence: 0xffff_ffff)
        let reply = try #require(answer(.reset, to: syn).flatMap(Packet.init))
        let (header, data) = try #require(reply.tcp)
        #expect(reply.ethernet == EthernetHeader(destination: Guest.station, source: Guest.gatewayStation, type: .ipv4))
        #expect(reply.header.source == Guest.gateway && reply.header.destination == Guest.address)
        #expect(header.sourcePort == 80 && header.destinationPort == 1025)
        #expect(header.flags == [.rst, .ack])
        #expect(header.sequence == 0 && header.acknowledgement == 0)
        #expect(data.isEmpty)
    }

    @Test func `a segment with an acknowledgement is answered with a reset in its sequence`() throws {
        let segment = builder.tcp(
            from: "192.168.64.2:1025", to: "1.2.3.4:80", flags: [.ack, .fin], sequence: 5, acknowledgement: 77,
            payload: [1, 2])
        let (header, _) = try #require(answer(.reset, to: segment).flatMap(Packet.init)?.tcp)
        #expect(header.flags == .rst)
        #expect(header.sequence == 77)
    }

    @Test func `a reset is never answered`() {
        let reset = builder.tcp(from: "192.168.64.2:1025", to: "192.168.64.1:80", flags: [.rst, .ack])
        #expect(answer(.reset, to: reset) == nil)
    }

    @Test func `a prohibited datagram is answered with an error that quotes it`() throws {
        let datagram = builder.udp(
            from: "192.168.64.2:1025", to: "127.0.0.1:80", payload: [UInt8](repeating: 7, count: 1000))
        let reply = try #require(answer(.prohibited, to: datagram).flatMap(Packet.init))
        let (header, quoted) = try #require(reply.icmp)
        #expect(reply.header.source == Guest.gateway)
        #expect(header.type == 3 && header.code == 13)
        #expect(quoted == Array(datagram[14..<14 + 128]))
    }

    @Test func `errors, groups and later fragments are not answered`() {
        let error = builder.icmp(from: .v4(Guest.address), to: "127.0.0.1", type: 3)
        let group = builder.udp(from: "192.168.64.2:1", to: "224.0.0.1:5", payload: [])
        var header = IPv4Header(proto: .udp, source: Guest.address, destination: .loopback, payloadLength: 8)
        header.fragmentOffset = 1480
        let fragment = builder.ipv4(header, payload: [UInt8](repeating: 0, count: 8))
        for frame in [error, group, fragment, [], [UInt8](repeating: 0, count: 14)] {
            #expect(answer(.prohibited, to: frame) == nil)
        }
        for type: UInt8 in [4, 5, 11, 12] {
            #expect(answer(.prohibited, to: builder.icmp(from: .v4(Guest.address), to: "127.0.0.1", type: type)) == nil)
        }
    }

    @Test func `what is no error is answered, whatever the protocol`() {
        let address = IPAddress.v4(Guest.address)
        for type: UInt8 in [0, 8, 13, 15, 17] {
            #expect(answer(.prohibited, to: builder.icmp(from: address, to: "1.2.3.4", type: type)) != nil)
        }
        let tunnel = builder.ip(from: address, to: "1.2.3.4", proto: IPProtocol(rawValue: 47), payload: [0, 0, 8, 0])
        #expect(answer(.prohibited, to: tunnel) != nil)
    }

    @Test func `IPv6 is answered alike, with checksums over its pseudo-header`() throws {
        let syn = builder.tcp(from: "[fd00::5]:1025", to: "[fd00::2]:80", flags: .syn, sequence: 9)
        let datagram = builder.udp(from: "[fd00::5]:1025", to: "[::1]:80", payload: [1])
        for (refusal, frame, proto, source) in [
            (Refusal.reset, syn, IPProtocol.tcp, "fd00::2" as IPv6Address),
            (.prohibited, datagram, .icmpv6, "fd00::2"),
        ] {
            let reply = try #require(answer(refusal, to: frame))
            let header = try IPv6Header(parsing: reply.span.extracting(droppingFirst: 14))
            let payload = Array(reply[54...])
            #expect(header.nextHeader == proto && header.source == source && header.destination == "fd00::5")
            #expect(header.payloadLength == payload.count)
            var sum = InternetChecksum()
            sum.addPseudoHeader(
                source: header.source, destination: header.destination, proto: proto, length: payload.count)
            sum.add(payload.span)
            #expect(sum.finished == 0)
            if proto == .icmpv6 { #expect(Array(payload.prefix(2)) == [1, 1]) }
        }
    }
}
