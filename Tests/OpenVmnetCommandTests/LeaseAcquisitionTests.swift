import Testing
import VmnetDHCP
import VmnetWire

@testable import openvmnet

/// What the guest says to get a lease, and what it makes of the answer.
@Suite struct LeaseAcquisitionTests {
    private static let mac = MACAddress(bits: 0x0200_0000_0007)
    private static let server = IPv4Address(bits: 0xc0a8_4001)
    private static let address = IPv4Address(bits: 0xc0a8_4002)

    /// The lease that a client has after an OFFER and an ACK with these options beside the necessary ones.
    private static func lease(_ change: (inout DHCPOptions) -> Void) throws -> DHCPClientLease {
        var client = DHCPClient(hardwareAddress: mac, transactionID: 1, now: .zero)
        var event = DHCPClient.Event.ignored
        for type in [DHCPMessageType.offer, .acknowledge] {
            let request = client.nextMessage(now: .zero)
            var reply = DHCPMessage(replyingTo: try #require(request).message)
            reply.type = type
            reply.yourAddress = address
            reply.options[.serverIdentifier] = server
            reply.options[.subnetMask] = IPv4Address(bits: 0xffff_ff00)
            reply.options[.leaseTime] = DHCPDuration(seconds: 3600)
            change(&reply.options)
            event = client.receive(reply, now: .zero)
        }
        guard case .bound(let lease) = event else { throw NotBound() }
        return lease
    }

    private struct NotBound: Error {}

    @Test func `a message goes to every station, from port 68 to port 67, with right checksums`() throws {
        var client = DHCPClient(hardwareAddress: Self.mac, transactionID: 0x1234_5678, now: .zero)
        let message = client.nextMessage(now: .zero)
        let discover = try #require(message)
        let frame = LeaseAcquisition.frame(of: discover, from: Self.mac)
        // Destination, source, type IPv4.
        #expect(
            Array(frame[..<14]) == [
                0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02, 0x00, 0x00, 0x00, 0x00, 0x07, 0x08, 0x00,
            ])
        // Source 0.0.0.0, destination 255.255.255.255.
        #expect(Array(frame[26..<34]) == [0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff])
        // Ports.
        #expect(Array(frame[34..<38]) == [0x00, 0x44, 0x00, 0x43])
        let datagram = try DHCPDatagram(parsing: frame.span)
        #expect(datagram.source == Self.mac)
        #expect(datagram.message == discover.message)
    }

    @Test func `the settings are those of the lease`() throws {
        let lease = try Self.lease { options in
            options[.routers] = [Self.server, Self.server.advanced(by: 8)]
            options[.domainNameServers] = [Self.server]
            options[.domainName] = "example.org"
            options[.interfaceMTU] = 4000
        }
        let settings = GuestSettings(lease)
        #expect(settings.address == Self.address)
        #expect(settings.mask == IPv4Address(bits: 0xffff_ff00))
        #expect(settings.gateway == Self.server)
        #expect(settings.routes.isEmpty)
        #expect(settings.mtu == 4000)
        #expect(settings.resolver == ResolverConfiguration(servers: [Self.server], searchDomains: ["example.org"]))
        let report = GuestLease(lease, settings, macAddress: Self.mac, time: .microseconds(1500))
        #expect(
            report
                == GuestLease(
                    macAddress: "02:00:00:00:00:07", address: "192.168.64.2", subnetMask: "255.255.255.0",
                    gateway: "192.168.64.1", dnsServers: ["192.168.64.1"], mtu: 4000, leaseTime: 3600,
                    milliseconds: 1.5))
    }

    @Test func `classless routes replace the routers`() throws {
        let ten = try #require(IPv4Subnet(containing: IPv4Address(bits: 0x0a00_0000), prefixLength: 8))
        let everything = try #require(IPv4Subnet(containing: .any, prefixLength: 0))
        let other = Self.server.advanced(by: 1)
        let settings = GuestSettings(
            try Self.lease { options in
                options[.routers] = [Self.server]
                options[.classlessRoutes] = [
                    DHCPRoute(destination: ten, router: Self.server), DHCPRoute(destination: everything, router: other),
                ]
            })
        #expect(settings.gateway == other)
        #expect(settings.routes == [DHCPRoute(destination: ten, router: Self.server)])
    }

    @Test func `a lease without router, servers or MTU leaves them out`() throws {
        let settings = GuestSettings(try Self.lease { _ in })
        #expect(settings.gateway == nil)
        #expect(settings.mtu == nil)
        #expect(settings.resolver == ResolverConfiguration(servers: []))
    }

    @Test(arguments: ["two words", "line\nbreak", ""])
    func `a domain that is no name does not get into the file`(domain: String) throws {
        let settings = GuestSettings(try Self.lease { $0[.domainName] = domain })
        #expect(settings.resolver.searchDomains.isEmpty)
    }

    @Test func `a search list is preferred to the domain`() throws {
        let names = try ["a.example", "b.example"].map { try #require(DomainName($0)) }
        let settings = GuestSettings(
            try Self.lease { options in
                options[.domainName] = "example.org"
                options[.domainSearch] = names
            })
        #expect(settings.resolver.searchDomains == ["a.example", "b.example"])
    }
}
