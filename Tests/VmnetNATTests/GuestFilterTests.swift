import Testing
import VmnetSwitch
import VmnetTesting
import VmnetWire

@testable import VmnetNAT

/// What a frame is, told from the frame alone.
@Suite struct GuestFilterTests {
    private let guest: IPv4Address = "192.168.64.2"
    private let gateway: IPv4Address = "192.168.64.1"
    private let builder = FrameBuilder(from: Guest.station, to: Guest.gatewayStation)

    private func filter(
        _ change: (inout NATConfiguration) -> Void = { _ in }, canPing: Bool = true
    ) -> GuestFilter {
        var configuration = Guest.configuration
        change(&configuration)
        return GuestFilter(configuration, gatewayMAC: Guest.gatewayStation, canPing: canPing)
    }

    private func classify(_ frame: [UInt8], _ filter: GuestFilter? = nil) -> Classification {
        (filter ?? self.filter()).classify(frame.span)
    }

    private func udp(to destination: Endpoint, from source: Endpoint = "192.168.64.2:1025") -> [UInt8] {
        builder.udp(from: source, to: destination, payload: [1, 2, 3])
    }

    private func syn(to destination: Endpoint, from source: Endpoint = "192.168.64.2:1025") -> [UInt8] {
        builder.tcp(from: source, to: destination, flags: .syn)
    }

    private func flow(_ frame: [UInt8], _ filter: GuestFilter? = nil) -> GuestFlow? {
        guard case .flow(let flow) = classify(frame, filter) else { return nil }
        return flow
    }

    private func resolution(_ byteCount: Int, isAnswer: Bool = false) -> Classification {
        .resolution(AddressResolution(byteCount: byteCount, isAnswer: isAnswer))
    }

    // MARK: Frames

    @Test func `protocols that libslirp answers unasked are dropped`() {
        // A NC-SI command, which libslirp before 4.9.5 parses beyond its end.
        #expect(classify(builder.ethernet(.ncsi, payload: [UInt8](repeating: 0, count: 46))) == .drop(.unsupported))
        #expect(classify(builder.ethernet(.vlan, payload: [UInt8](repeating: 0, count: 46))) == .drop(.unsupported))
        #expect(classify(builder.ethernet(EtherType(rawValue: 0x0026), payload: [])) == .drop(.unsupported))
    }

    @Test func `frames for other stations and groups are none of the NAT's business`() {
        let elsewhere = FrameBuilder(from: Guest.station, to: "52:54:00:00:00:09")
        let everyone = FrameBuilder(from: Guest.station, to: .broadcast)
        for other in [elsewhere, everyone] {
            #expect(classify(other.udp(from: "192.168.64.2:1", to: "1.2.3.4:5", payload: [])) == .ignore)
        }
        #expect(classify(elsewhere.arpRequest(from: guest, for: gateway)) == .ignore)
    }

    @Test func `every truncation of every kind of packet is harmless`() {
        let echo = builder.echoRequest(from: .v4(guest), to: "1.2.3.4", payload: [1])
        let filter = filter { $0.nat66Prefix = "fd00::" }
        let frames = [
            echo, udp(to: "1.2.3.4:5"), syn(to: "1.2.3.4:5"),
            builder.arpRequest(from: guest, for: gateway),
            builder.udp(from: "[fd00::5]:1", to: "[2001:db8::1]:5", payload: [1]),
            builder.tcp(from: "[fd00::5]:1", to: "[2001:db8::1]:5", flags: .syn),
            builder.echoRequest(from: "fd00::5", to: "fd00::2"),
        ]
        for frame in frames {
            for count in 0..<frame.count {
                #expect(classify(Array(frame.prefix(count)), filter) == .drop(.malformed))
            }
            #expect(classify(frame, filter) != .drop(.malformed))
        }
    }

    // MARK: ARP

    @Test func `ARP about the gateway passes, cut to its length, and other ARP is ignored`() {
        let everyone = FrameBuilder(from: Guest.station, to: .broadcast)
        let padding = [UInt8](repeating: 0, count: 18)
        #expect(classify(everyone.arpRequest(from: guest, for: gateway) + padding) == resolution(42))
        #expect(classify(everyone.arpRequest(from: .any, for: gateway)) == resolution(42))
        #expect(classify(everyone.arpRequest(from: guest, for: guest)) == resolution(42))
        #expect(classify(everyone.arpRequest(from: guest, for: "192.168.64.9")) == .ignore)
    }

    @Test func `ARP with somebody else's address is dropped`() {
        let everyone = FrameBuilder(from: Guest.station, to: .broadcast)
        for sender in ["192.168.64.1", "192.168.64.255", "192.168.64.0", "10.0.0.1"] {
            let frame = everyone.arpRequest(from: IPv4Address(stringLiteral: sender), for: gateway)
            #expect(classify(frame) == .drop(.spoofed))
        }
        let lie = ARPPacket(
            operation: .reply, senderMAC: "52:54:00:00:00:09", senderAddress: guest, targetMAC: Guest.gatewayStation,
            targetAddress: gateway)
        #expect(classify(builder.arp(lie)) == .drop(.badSource))
    }

    // MARK: IPv4

    @Test func `sources that are no guest's are dropped`() {
        for source in ["192.168.64.1", "192.168.64.0", "192.168.64.255", "192.168.65.2", "0.0.0.0", "127.0.0.1"] {
            let frame = udp(to: "1.2.3.4:5", from: Endpoint(IPv4Address(stringLiteral: source), 1))
            #expect(classify(frame) == .drop(.spoofed))
        }
    }

    @Test(arguments: [
        "127.0.0.1", "127.255.255.255", "0.0.0.0", "0.1.2.3", "169.254.169.254", "240.0.0.1", "192.168.64.9",
        "192.168.64.0",
    ])
    func `destinations that lead to the host itself or nowhere are refused`(address: String) {
        let destination = Endpoint(IPv4Address(stringLiteral: address), 80)
        #expect(classify(syn(to: destination)) == .refuse(.prohibited))
        #expect(classify(udp(to: destination)) == .refuse(.prohibited))
        let echo = builder.echoRequest(from: .v4(guest), to: destination.address)
        #expect(classify(echo) == .refuse(.prohibited))
    }

    @Test(arguments: ["224.0.0.251", "239.255.255.250", "255.255.255.255", "192.168.64.255"])
    func `groups are dropped without an answer`(address: String) {
        #expect(classify(udp(to: Endpoint(IPv4Address(stringLiteral: address), 80))) == .drop(.prohibited))
    }

    @Test func `IP options are dropped`() {
        let header = IPv4Header(proto: .udp, source: guest, destination: "1.2.3.4", payloadLength: 8)
        let frame = builder.ipv4(header, options: [1, 1, 1, 0], payload: [0, 1, 0, 2, 0, 8, 0, 0])
        #expect(classify(frame) == .drop(.unsupported))
    }

    @Test func `what ends at the gateway is reported, unless it is for the gateway`() {
        let outside = builder.udp(from: "192.168.64.2:1", to: "1.2.3.4:5", timeToLive: 1, payload: [])
        #expect(classify(outside) == .refuse(.timeExceeded))
        let inside = builder.udp(from: "192.168.64.2:1", to: "192.168.64.1:5", timeToLive: 1, payload: [])
        #expect(flow(inside) != nil)
        let outside6 = builder.udp(from: "[fd00::5]:1", to: "[2001:db8::1]:5", timeToLive: 1, payload: [])
        #expect(classify(outside6, filter6) == .refuse(.timeExceeded))
    }

    @Test func `protocols other than TCP, UDP and echo requests are dropped`() {
        let igmp = builder.ip(from: .v4(guest), to: "1.2.3.4", proto: IPProtocol(rawValue: 47), payload: [0, 0, 0, 0])
        #expect(classify(igmp) == .drop(.unsupported))
        for type: UInt8 in [0, 3, 5, 11, 13, 17] {
            let message = builder.icmp(from: .v4(guest), to: "1.2.3.4", type: type)
            #expect(classify(message) == .drop(.unsupported))
        }
    }

    @Test func `fragments are set aside before their transport is looked at`() {
        var header = IPv4Header(proto: .udp, source: guest, destination: "1.2.3.4", payloadLength: 8)
        header.moreFragments = true
        header.dontFragment = false
        guard case .fragment = classify(builder.ipv4(header, payload: [UInt8](repeating: 0, count: 8))) else {
            Issue.record("not set aside")
            return
        }
        header.destination = .loopback
        let closed = builder.ipv4(header, payload: [UInt8](repeating: 0, count: 8))
        #expect(classify(closed) == .refuse(.prohibited))
    }

    @Test func `padding behind the packet is cut off`() throws {
        let flow = try #require(self.flow(syn(to: "1.2.3.4:80") + [0, 0, 0, 0, 0, 0]))
        #expect(flow.byteCount == 54)
        #expect(flow.transportOffset == 34)
        #expect(
            flow.key
                == .tcp(
                    source: IPv6Address(mapping: guest), sourcePort: 1025, destination: IPv6Address(mapping: "1.2.3.4"),
                    destinationPort: 80))
    }

    @Test func `without ping sockets only the gateway can be pinged`() {
        let far = builder.echoRequest(from: .v4(guest), to: "1.2.3.4")
        let near = builder.echoRequest(from: .v4(guest), to: .v4(gateway))
        #expect(flow(far)?.content == .echo)
        #expect(classify(far, filter(canPing: false)) == .refuse(.prohibited))
        #expect(flow(near, filter(canPing: false))?.content == .echo)
    }

    // MARK: Services of the gateway

    @Test func `DHCP and TFTP never reach libslirp's servers`() {
        for port: UInt16 in [67, 68, 547] {
            #expect(classify(udp(to: Endpoint(gateway, port))) == .drop(.unsupported))
        }
        #expect(flow(udp(to: "1.2.3.4:69")) != nil)
    }

    @Test func `DNS at the gateway goes to the resolver's alias`() throws {
        for frame in [udp(to: "192.168.64.1:53"), syn(to: "192.168.64.1:53")] {
            let flow = try #require(self.flow(frame, filter { $0.allowsHostLoopback = false }))
            #expect(flow.edits == .resolver)
            #expect(flow.destination == IPv6Address(mapping: "192.168.64.0"))
        }
        #expect(flow(udp(to: "1.1.1.1:53"))?.edits == [])
    }

    @Test func `the host's services are behind the gateway unless they are closed`() {
        #expect(flow(syn(to: "192.168.64.1:80")) != nil)
        #expect(flow(udp(to: "192.168.64.1:80")) != nil)
        let closed = filter { $0.allowsHostLoopback = false }
        #expect(classify(syn(to: "192.168.64.1:80"), closed) == .refuse(.reset))
        #expect(classify(udp(to: "192.168.64.1:80"), closed) == .refuse(.prohibited))
        #expect(flow(builder.echoRequest(from: .v4(guest), to: .v4(gateway)), closed) != nil)
        #expect(flow(syn(to: "1.2.3.4:80"), closed) != nil)
    }

    // MARK: TCP

    @Test func `urgent data are to be made ordinary`() {
        let urgent = builder.tcp(from: "192.168.64.2:1", to: "1.2.3.4:80", flags: [.ack, .urg], payload: [1])
        #expect(flow(urgent)?.edits == .urgent)
        var pointer = builder.tcp(from: "192.168.64.2:1", to: "1.2.3.4:80", flags: .ack, payload: [1])
        pointer.store(be16: 5, at: 14 + 20 + 18)
        #expect(flow(pointer)?.edits == .urgent)
    }

    @Test func `a SYN with data is dropped`() {
        let frame = builder.tcp(from: "192.168.64.2:1", to: "1.2.3.4:80", flags: .syn, payload: [1])
        #expect(classify(frame) == .drop(.unsupported))
    }

    // MARK: A network that reaches no further than the host

    private var confined: GuestFilter { filter { $0.confine() } }

    @Test(arguments: ["1.2.3.4", "8.8.8.8", "192.168.65.2", "10.0.0.1", "127.0.0.1", "169.254.169.254", "192.168.64.9"])
    func `in a confined network every protocol to everybody else is refused`(address: String) {
        let destination = IPv4Address(stringLiteral: address)
        let header = IPv4Header(proto: .udp, source: guest, destination: destination, payloadLength: 8)
        let frames = [
            syn(to: Endpoint(destination, 80)),
            builder.tcp(from: "192.168.64.2:1025", to: Endpoint(destination, 80), flags: .syn, payload: [1]),
            builder.echoRequest(from: .v4(guest), to: .v4(destination)),
            builder.icmp(from: .v4(guest), to: .v4(destination), type: 13),
            builder.ip(from: .v4(guest), to: .v4(destination), proto: IPProtocol(rawValue: 47), payload: [0, 0, 0, 0]),
            builder.ip(from: .v4(guest), to: .v4(destination), proto: IPProtocol(rawValue: 132), payload: []),
            builder.ipv4(header, options: [1, 1, 1, 0], payload: [0, 1, 0, 2, 0, 8, 0, 0]),
        ]
        for frame in frames { #expect(classify(frame, confined) == .refuse(.prohibited)) }
    }

    @Test(arguments: [67, 68, 53, 80, 547] as [UInt16])
    func `in a confined network a datagram to everybody else is an answer or nothing`(port: UInt16) throws {
        let flow = try #require(self.flow(udp(to: Endpoint("1.2.3.4" as IPv4Address, port)), confined))
        #expect(!flow.mayOpen)
        let answer = builder.tcp(from: "192.168.64.2:22", to: "1.2.3.4:4000", flags: [.syn, .ack])
        #expect(self.flow(answer, confined)?.mayOpen == false)
    }

    @Test func `in a confined network the host is behind the gateway, and no resolver`() throws {
        for frame in [syn(to: "192.168.64.1:53"), udp(to: "192.168.64.1:53"), syn(to: "192.168.64.1:80")] {
            let flow = try #require(self.flow(frame, confined))
            #expect(flow.mayOpen && flow.edits == [])
            #expect(flow.destination == IPv6Address(mapping: gateway))
        }
        #expect(flow(builder.echoRequest(from: .v4(guest), to: .v4(gateway)), confined)?.content == .echo)
    }

    @Test func `in a confined network groups are dropped without an answer, and spoofed sources too`() {
        for address in ["224.0.0.251", "239.255.255.250", "255.255.255.255", "192.168.64.255"] {
            let destination = Endpoint(IPv4Address(stringLiteral: address), 80)
            #expect(classify(udp(to: destination), confined) == .drop(.prohibited))
        }
        for source: Endpoint in ["192.168.64.1:1", "10.0.0.1:1", "127.0.0.1:1", "0.0.0.0:1", "224.0.0.1:1"] {
            #expect(classify(udp(to: "1.2.3.4:5", from: source), confined) == .drop(.spoofed))
            #expect(classify(udp(to: "192.168.64.1:5", from: source), confined) == .drop(.spoofed))
        }
    }

    @Test func `in a confined network with IPv6 the same holds there`() {
        let confined = filter {
            $0.nat66Prefix = "fd00::"
            $0.confine()
        }
        #expect(classify(syn(to: "[2001:db8::1]:80", from: "[fd00::5]:1"), confined) == .refuse(.prohibited))
        #expect(flow(udp(to: "[2001:db8::1]:80", from: "[fd00::5]:1"), confined)?.mayOpen == false)
        #expect(classify(builder.echoRequest(from: "fd00::5", to: "2001:db8::1"), confined) == .refuse(.prohibited))
        #expect(flow(syn(to: "[fd00::2]:80", from: "[fd00::5]:1"), confined)?.mayOpen == true)
    }

    // MARK: IPv6

    private var filter6: GuestFilter { filter { $0.nat66Prefix = "fd00::" } }

    @Test func `without a prefix there is no IPv6`() {
        let frame = builder.udp(from: "[fd00::5]:1", to: "[2001:db8::1]:5", payload: [1])
        #expect(classify(frame) == .drop(.unsupported))
        #expect(flow(frame, filter6) != nil)
    }

    @Test(arguments: ["::", "::1", "::ffff:127.0.0.1", "::127.0.0.1", "fe80::9", "fe80::2", "fd00::9"])
    func `IPv6 destinations that lead to the host itself or nowhere are refused`(address: String) {
        let destination = Endpoint(IPv6Address(stringLiteral: address), 80)
        #expect(classify(syn(to: destination, from: "[fd00::5]:1"), filter6) == .refuse(.prohibited))
        #expect(classify(udp(to: destination, from: "[fd00::5]:1"), filter6) == .refuse(.prohibited))
    }

    @Test func `IPv6 sources that are no guest's are dropped`() {
        for source in ["fd00::2", "fd00::3", "fd01::5", "fe80::5", "::1", "ff02::1"] {
            let frame = syn(to: "[2001:db8::1]:80", from: Endpoint(IPv6Address(stringLiteral: source), 1))
            #expect(classify(frame, filter6) == .drop(.spoofed))
        }
    }

    @Test func `extension headers are dropped`() {
        for next: UInt8 in [0, 43, 44, 50, 60] {
            let frame = builder.ip(
                from: "fd00::5", to: "2001:db8::1", proto: IPProtocol(rawValue: next),
                payload: [6, 0, 0, 0, 0, 0, 0, 0])
            #expect(classify(frame, filter6) == .drop(.unsupported))
        }
    }

    @Test func `DHCPv6 and the gateway's TFTP are kept back, the resolver answers DNS only`() {
        #expect(classify(udp(to: "[fd00::2]:547", from: "[fd00::5]:546"), filter6) == .drop(.unsupported))
        #expect(flow(udp(to: "[fd00::3]:53", from: "[fd00::5]:1"), filter6) != nil)
        #expect(classify(syn(to: "[fd00::3]:80", from: "[fd00::5]:1"), filter6) == .refuse(.reset))
        let everyone = FrameBuilder(from: Guest.station, to: "33:33:00:01:00:02")
        let solicit = everyone.udp(from: "[fe80::5]:546", to: "[ff02::1:2]:547", payload: [1, 0, 0, 0])
        #expect(classify(solicit, filter6) == .ignore)
    }

    @Test func `the host's IPv6 services can be closed too, DNS to the gateway with them`() {
        let closed = filter {
            $0.nat66Prefix = "fd00::"
            $0.allowsHostLoopback = false
        }
        #expect(flow(syn(to: "[fd00::2]:80", from: "[fd00::5]:1"), filter6) != nil)
        #expect(classify(syn(to: "[fd00::2]:80", from: "[fd00::5]:1"), closed) == .refuse(.reset))
        #expect(classify(udp(to: "[fd00::2]:53", from: "[fd00::5]:1"), closed) == .refuse(.prohibited))
        #expect(flow(udp(to: "[fd00::3]:53", from: "[fd00::5]:1"), closed) != nil)
    }

    @Test func `neighbour discovery passes when it is whole and comes from the link`() {
        let everyone = FrameBuilder(from: Guest.station, to: "33:33:00:00:00:02")
        func message(_ type: UInt8, from: IPAddress = "fe80::5", hops: UInt8 = 255, _ count: Int = 20) -> [UInt8] {
            everyone.icmp(
                from: from, to: "ff02::2", type: type, timeToLive: hops, payload: [UInt8](repeating: 0, count: count))
        }
        #expect(classify(message(133, 0), filter6) == resolution(62))
        #expect(classify(message(135), filter6) == resolution(82))
        #expect(classify(message(135, from: "::"), filter6) == resolution(82))
        #expect(classify(message(136, from: "fd00::5"), filter6) == resolution(82, isAnswer: true))
        #expect(classify(message(135, 15), filter6) == .drop(.malformed))
        #expect(classify(message(135, hops: 64), filter6) == .drop(.malformed))
        #expect(classify(message(136, from: "fd00::2"), filter6) == .drop(.spoofed))
        #expect(classify(message(136, from: "fe80::2"), filter6) == .drop(.spoofed))
        // A guest that poses as the router.
        #expect(classify(message(134), filter6) == .drop(.prohibited))
    }

    @Test func `over IPv6 the gateway and the resolver can be pinged, by libslirp's limits nobody else`() {
        func echo(_ to: IPAddress, from: IPAddress = "fd00::5") -> Classification {
            classify(builder.echoRequest(from: from, to: to), filter6)
        }
        for address: IPAddress in ["fd00::2", "fd00::3", "fe80::2"] {
            guard case .flow = echo(address) else {
                Issue.record("no ping to \(address)")
                continue
            }
        }
        guard case .flow = echo("fe80::2", from: "fe80::5") else {
            Issue.record("no ping on the link")
            return
        }
        #expect(echo("2001:db8::1") == .refuse(.prohibited))
    }
}
