import Testing
import VmnetNAT
import VmnetSwitch
import VmnetTesting
import VmnetWire

@testable import OpenVmnet

@Suite("The guard of locked leases")
struct SourceGuardTests {
    private static let gateway: MACAddress = "52:55:c0:a8:40:01"
    private let anna: MACAddress = "52:54:00:00:00:0a"
    private let bert: MACAddress = "52:54:00:00:00:0b"
    private let one = PortID(rawValue: 1)
    private let two = PortID(rawValue: 2)
    private var sources = SourceGuard(gateway: gateway, addresses6: GatewayAddresses6(prefix: "fd00::"))

    private mutating func judge(_ frame: [UInt8], on port: PortID) throws -> SourceGuard.Judgement {
        sources.judge(frame.span, try EthernetHeader(parsing: frame.span), from: port)
    }

    private func builder(_ source: MACAddress, to destination: MACAddress = .broadcast) -> FrameBuilder {
        FrameBuilder(from: source, to: destination)
    }

    private func datagram(_ source: MACAddress, from address: IPv4Address = "192.168.64.2") -> [UInt8] {
        builder(source).udp(from: Endpoint(address, 1), to: "192.168.64.3:5", payload: [])
    }

    // MARK: Stations

    @Test mutating func `a port's first address is its only one`() throws {
        #expect(try judge(datagram(anna), on: one) == .passIfLeased("192.168.64.2", to: anna))
        #expect(try judge(datagram(bert), on: one) == .drop(.spoofed))
        #expect(try judge(datagram(anna), on: one) == .passIfLeased("192.168.64.2", to: anna))
    }

    @Test mutating func `an address that another port has is not to be had`() throws {
        _ = try judge(datagram(anna), on: one)
        #expect(try judge(datagram(anna), on: two) == .drop(.spoofed))
        sources.forget(one)
        #expect(try judge(datagram(anna), on: two) == .passIfLeased("192.168.64.2", to: anna))
    }

    @Test mutating func `what is no station's address is nobody's`() throws {
        for address in [.broadcast, .zero, Self.gateway, "01:00:5e:00:00:01"] as [MACAddress] {
            #expect(try judge(datagram(address), on: one) == .drop(.badSource))
        }
        #expect(try judge(datagram(anna), on: one) == .passIfLeased("192.168.64.2", to: anna))
    }

    @Test mutating func `a port that comes after another in its place begins anew`() throws {
        _ = try judge(datagram(anna), on: one)
        sources.forget(one)
        #expect(try judge(datagram(bert), on: one.successor) == .passIfLeased("192.168.64.2", to: bert))
    }

    @Test mutating func `frames that cannot be checked do not pass`() throws {
        for type: EtherType in [.vlan, EtherType(rawValue: 0x88a8), EtherType(rawValue: 0x8035), .ncsi] {
            #expect(
                try judge(builder(anna).ethernet(type, payload: [UInt8](repeating: 0, count: 46)), on: one)
                    == .drop(.unsupported))
        }
        #expect(try judge(builder(anna).ethernet(.ipv4, payload: [0x45]), on: one) == .drop(.malformed))
        #expect(try judge(builder(anna).ethernet(.arp, payload: [0]), on: one) == .drop(.malformed))
        #expect(try judge(builder(anna).ethernet(.ipv6, payload: [0x60]), on: one) == .drop(.malformed))
    }

    // MARK: IPv4

    @Test mutating func `ARP is for the guest's own addresses, and for probes`() throws {
        let probe = builder(anna).arpRequest(from: .any, for: "192.168.64.9")
        #expect(try judge(probe, on: one) == .pass)
        let request = builder(anna).arpRequest(from: "192.168.64.2", for: "192.168.64.9")
        #expect(try judge(request, on: one) == .passIfLeased("192.168.64.2", to: anna))
        var lie = ARPPacket(
            operation: .reply, senderMAC: bert, senderAddress: "192.168.64.2", targetMAC: bert,
            targetAddress: "192.168.64.9")
        #expect(try judge(builder(anna).arp(lie), on: one) == .drop(.spoofed))
        lie.senderMAC = anna
        #expect(try judge(builder(anna).arp(lie), on: one) == .passIfLeased("192.168.64.2", to: anna))
        lie.senderAddress = .any
        #expect(try judge(builder(anna).arp(lie), on: one) == .drop(.spoofed))
    }

    private func dhcp(
        _ source: MACAddress, to destination: MACAddress = .broadcast, from address: IPv4Address = .any,
        client: MACAddress? = nil, relay: IPv4Address = .any, count: Int = 240
    ) -> [UInt8] {
        var message = [UInt8](repeating: 0, count: 240)
        message.replaceSubrange(24..<28, with: (0..<4).map { UInt8(truncatingIfNeeded: relay.bits >> (24 - 8 * $0)) })
        message.replaceSubrange(28..<34, with: (client ?? source).octets)
        return builder(source, to: destination).udp(
            from: Endpoint(address, 68), to: "255.255.255.255:67", payload: Array(message.prefix(count)))
    }

    @Test mutating func `without a lease a guest may speak to the DHCP server, for itself`() throws {
        #expect(try judge(dhcp(anna), on: one) == .pass)
        #expect(try judge(dhcp(anna, client: bert), on: one) == .drop(.spoofed))
        #expect(try judge(dhcp(anna, relay: "192.168.64.9"), on: one) == .drop(.spoofed))
        #expect(try judge(dhcp(anna, count: 33), on: one) == .drop(.malformed))
        // A stale address: the server may say so, the segment is not to hear it.
        #expect(try judge(dhcp(anna, to: Self.gateway, from: "192.168.64.7"), on: one) == .pass)
        #expect(try judge(dhcp(anna, from: "192.168.64.7"), on: one) == .passIfLeased("192.168.64.7", to: anna))
        #expect(try judge(dhcp(anna, to: bert), on: one) == .passIfLeased(.any, to: anna))
    }

    @Test mutating func `nothing else comes from no address`() throws {
        #expect(try judge(datagram(anna, from: .any), on: one) == .passIfLeased(.any, to: anna))
    }

    // MARK: IPv6

    private func datagram6(_ source: MACAddress, from address: IPv6Address) -> [UInt8] {
        builder(source).udp(from: Endpoint(address, 1), to: "[ff02::1]:5", payload: [])
    }

    @Test mutating func `an IPv6 address is whose it was first`() throws {
        for address: IPv6Address in ["fe80::a", "fd00::a"] {
            #expect(try judge(datagram6(anna, from: address), on: one) == .pass)
            #expect(try judge(datagram6(bert, from: address), on: two) == .drop(.spoofed))
        }
    }

    @Test(arguments: ["fe80::2", "fd00::2", "fd00::3", "fd01::5", "2001:db8::1", "::1", "::ffff:1.2.3.4", "ff02::1"])
    mutating func `IPv6 addresses that are no guest's do not pass`(address: String) throws {
        #expect(try judge(datagram6(anna, from: IPv6Address(stringLiteral: address)), on: one) == .drop(.spoofed))
    }

    @Test mutating func `without a prefix only the link's addresses pass`() throws {
        sources = SourceGuard(gateway: Self.gateway, addresses6: nil)
        #expect(try judge(datagram6(anna, from: "fe80::2"), on: one) == .pass)
        #expect(try judge(datagram6(anna, from: "fd00::a"), on: one) == .drop(.spoofed))
    }

    private func discovery(
        _ source: MACAddress, _ type: UInt8, from address: IPAddress, target: IPv6Address = "fe80::a",
        names: MACAddress? = nil, hops: UInt8 = 255
    ) -> [UInt8] {
        let option = names.map { [2, 1] + $0.octets } ?? []
        let target = [UInt8](capacity: 16) {
            $0.append(be64: target.high)
            $0.append(be64: target.low)
        }
        return builder(source).icmp(
            from: address, to: "ff02::1", type: type, timeToLive: hops, payload: target + option)
    }

    @Test mutating func `a guest without an address may ask for one, and say nothing else`() throws {
        #expect(try judge(discovery(anna, 135, from: "::"), on: one) == .pass)
        #expect(try judge(discovery(anna, 135, from: "::", hops: 64), on: one) == .drop(.spoofed))
        #expect(try judge(discovery(anna, 136, from: "::"), on: one) == .drop(.spoofed))
        #expect(try judge(datagram6(anna, from: "::"), on: one) == .drop(.spoofed))
        // Who has the address must hear the question.
        _ = try judge(datagram6(anna, from: "fe80::a"), on: one)
        #expect(try judge(discovery(bert, 135, from: "::"), on: two) == .pass)
    }

    @Test mutating func `nobody advertises what is another's`() throws {
        #expect(try judge(discovery(anna, 136, from: "fe80::a", names: anna), on: one) == .pass)
        #expect(try judge(discovery(bert, 136, from: "fe80::b", names: bert), on: two) == .drop(.spoofed))
        #expect(
            try judge(discovery(bert, 136, from: "fe80::b", target: "fe80::b", names: anna), on: two) == .drop(.spoofed)
        )
        #expect(try judge(discovery(bert, 136, from: "fe80::b", target: "fe80::b", names: bert), on: two) == .pass)
        #expect(try judge(discovery(bert, 135, from: "fe80::b", names: anna), on: two) == .drop(.spoofed))
    }

    @Test mutating func `extension headers hide nothing`() throws {
        _ = try judge(datagram6(anna, from: "fe80::a"), on: one)
        let plain = discovery(bert, 136, from: "fe80::b")
        for kind: UInt8 in [0, 43, 60] {
            let hidden = builder(bert).ip(
                from: "fe80::b", to: "ff02::1", proto: IPProtocol(rawValue: kind), timeToLive: 255,
                payload: [60, 0, 0, 0, 0, 0, 0, 0] + [58, 0, 0, 0, 0, 0, 0, 0] + plain[54...])
            #expect(try judge(hidden, on: two) == .drop(.spoofed))
        }
    }

    @Test mutating func `memory is bounded by the ports, whatever a guest makes up`() throws {
        for number in 0..<20_000 as Range<UInt64> {
            _ = try judge(datagram(MACAddress(bits: 0x0200_0000_0000 + number)), on: one)
            _ = try judge(
                datagram6("02:00:00:00:00:00", from: IPv6Address(high: 0xfe80 << 48, low: number + 9)), on: one)
        }
        #expect(sources.addressOwners.count == IPv6AddressOwners.addressesPerPort)
    }

    @Test mutating func `every truncation of every kind of frame is harmless`() throws {
        let frames = [
            datagram(anna), dhcp(anna), builder(anna).arpRequest(from: .any, for: "192.168.64.9"),
            datagram6(anna, from: "fe80::a"), discovery(anna, 136, from: "fe80::a", names: anna),
        ]
        for frame in frames {
            for count in 14..<frame.count { _ = try judge(Array(frame.prefix(count)), on: one) }
        }
    }
}
