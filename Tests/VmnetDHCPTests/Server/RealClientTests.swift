import Testing
import VmnetDHCP
import VmnetTesting
import VmnetWire

/// Dialogues with messages of real clients, from frame to frame.
@Suite struct RealClientTests {
    /// A network that remembers the client at the address that its REQUEST names.
    private func network(remembering client: RealClient) throws -> TestNetwork {
        let message = try DHCPMessage(parsing: client.discoverBytes.span)
        let lease = Lease(
            address: RealClient.address, hardwareAddress: message.hardwareAddress,
            identifier: message.options[.clientIdentifier], expiry: TestNetwork.time(-1))
        return try TestNetwork(last: "192.168.64.50", restoring: [lease]) {
            $0.domainName = DomainName("example.org")
            $0.domainSearch = [DomainName("lan.example.org"), DomainName("example.org")].compactMap(\.self)
            $0.timeServers = ["192.168.64.1"]
        }
    }

    private func answer(_ client: RealClient, _ payload: [UInt8], in network: TestNetwork) throws -> DHCPReply {
        let frame = client.frame(payload)
        let isForServer = DHCPDatagram.isForServer(frame.span)
        #expect(isForServer)
        let datagram = try DHCPDatagram(parsing: frame.span)
        guard case .reply(let reply) = network.answer(to: datagram.message, source: datagram.source) else {
            throw WireError.malformed
        }
        return reply
    }

    /// What every client needs, in a frame that it takes.
    private func check(_ reply: DHCPReply, to client: RealClient) throws {
        let frame = reply.frame(from: TestNetwork.gatewayMAC, TestNetwork.gateway)
        let message = try DHCPDatagram(parsing: frame.span).message
        #expect(message == reply.message)
        #expect(message.yourAddress == RealClient.address)
        #expect(message.options[.subnetMask] == "255.255.255.0")
        #expect(message.options[.routers] == ["192.168.64.1"])
        #expect(message.options[.domainNameServers] == ["192.168.64.1"])
        #expect(message.options[.interfaceMTU] == 1500)
        #expect(message.options[.serverIdentifier] == "192.168.64.1")
        #expect(message.options[.leaseTime] == DHCPDuration(seconds: 3600))
        #expect((300...client.limit).contains(reply.payload.count))
        let request = try DHCPMessage(parsing: client.discoverBytes.span)
        #expect(message.options[raw: .clientIdentifier] == request.options[raw: .clientIdentifier])
        #expect(message.transactionID == request.transactionID)
        #expect(reply.destination.port == (client.isRelay ? 67 : 68))
        #expect(reply.destination.hardwareAddress == (request.wantsBroadcast ? .broadcast : "52:54:00:12:34:56"))
        #expect((reply.destination.address == .broadcast) == request.wantsBroadcast)
    }

    @Test(arguments: RealClient.all)
    func `the client's DISCOVER is answered`(_ client: RealClient) throws {
        let network = try network(remembering: client)
        let reply = try answer(client, client.discoverBytes, in: network)
        let isRapid = try DHCPMessage(parsing: client.discoverBytes.span).options[.rapidCommit] == true
        #expect(reply.message.type == (isRapid ? .acknowledge : .offer))
        try check(reply, to: client)
    }

    @Test(arguments: RealClient.all.filter { $0.request != nil })
    func `the client's REQUEST is acknowledged`(_ client: RealClient) throws {
        let network = try network(remembering: client)
        _ = try answer(client, client.discoverBytes, in: network)
        let reply = try answer(client, #require(client.requestBytes), in: network)
        #expect(reply.message.type == .acknowledge)
        try check(reply, to: client)
        #expect(network.server.leaseCounts.leased == 1)
    }

    @Test func `what the client asked for is in the reply`() throws {
        let domain = try #require(DomainName("example.org"))
        for client in [RealClient.udhcpc, .dhclient, .dhcpcd, .klibc] {
            let reply = try answer(client, client.discoverBytes, in: try network(remembering: client))
            #expect(reply.message.options[.domainName] == "example.org", "\(client.name)")
            #expect(reply.message.options[.domainSearch]?.last == domain, "\(client.name)")
            #expect(reply.message.options[.broadcastAddress] == "192.168.64.255", "\(client.name)")
        }
        let named = try answer(.udhcpc, RealClient.udhcpc.discoverBytes, in: try network(remembering: .udhcpc))
        #expect(named.message.options[.hostName] == "guest1")
        #expect(named.message.options[.clientFQDN]?.name == "guest1.example.org")
    }

    @Test func `dhclient's REQUEST after a restart is acknowledged, and refused on another network`() throws {
        let reboot = """
            35 01 03                                     // REQUEST
            32 04 c0 a8 40 27                            // requested address, and no server
            0c 02 76 6d
            37 0d 01 1c 02 03 0f 06 77 0c 2c 2f 1a 79 2a
            ff
            """
        let client = RealClient.dhclient
        let bytes = client.message(client.header, reboot)
        #expect(try answer(client, bytes, in: network(remembering: client)).message.type == .acknowledge)
        let small = try TestNetwork(last: "192.168.64.20")
        let refusal = try answer(client, bytes, in: small)
        #expect(refusal.message.type == .refuse)
        #expect(refusal.destination.address == .broadcast)
    }

    @Test func `systemd-networkd's RELEASE, shorter than any BOOTP message, is heard`() throws {
        let client = RealClient.networkd
        let network = try network(remembering: client)
        _ = try answer(client, client.discoverBytes, in: network)
        _ = try answer(client, #require(client.requestBytes), in: network)
        let release = client.message(
            """
            01 01 06 00  f4 5a 57 90  00 09  00 00
            c0 a8 40 27  00 00 00 00  00 00 00 00  00 00 00 00 // ciaddr
            52 54 00 12 34 56  00 00 00 00 00 00 00 00 00 00
            """,
            """
            35 01 07                                           // RELEASE
            3d 13 ff 5f 6d aa a8 00 02 00 00 ab 11 01 02 03 04 05 06 07 08
            ff
            """)
        #expect(release.count == 265)
        let message = try DHCPMessage(parsing: release.span)
        #expect(network.silence(to: message)?.reason == .released)
    }
}
