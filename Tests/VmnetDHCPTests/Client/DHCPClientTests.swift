import Testing
import VmnetDHCP
import VmnetTesting
import VmnetWire

private let mac: MACAddress = "52:54:00:12:34:56"

@Suite struct DHCPClientTests {
    private func client(at now: Duration = .zero) -> DHCPClient {
        DHCPClient(hardwareAddress: mac, hostName: "guest", transactionID: 0x1234_5678, now: now)
    }

    /// The message that is due.
    private func due(_ client: inout DHCPClient, _ now: Duration) throws -> DHCPClient.Transmission {
        let transmission = client.nextMessage(now: now)
        return try #require(transmission)
    }

    /// A client that our own server has given an address, and when.
    private func bound(_ network: TestNetwork, at now: Duration = .seconds(1)) throws -> (DHCPClient, DHCPClientLease) {
        var client = client(at: now)
        let discover = try due(&client, now)
        let offer = try #require(network.reply(to: discover.message))
        #expect(client.receive(offer, now: now) == .proceeding)
        let request = try due(&client, now)
        let ack = try #require(network.reply(to: request.message))
        guard case .bound(let lease) = client.receive(ack, now: now) else { throw WireError.malformed }
        return (client, lease)
    }

    @Test func `a client gets what the server gives`() throws {
        let domain = try #require(DomainName("example.org"))
        let office = try #require(IPv4Subnet(containing: "10.0.0.0", prefixLength: 8))
        let network = try TestNetwork {
            $0.domainName = domain
            $0.domainSearch = [domain]
            $0.routes = [DHCPRoute(destination: office, router: "192.168.64.7")]
        }
        let (client, lease) = try bound(network)
        #expect(lease.address == "192.168.64.2")
        #expect(lease.prefixLength == 24)
        #expect(lease.server == "192.168.64.1")
        #expect(lease.routers == ["192.168.64.1"])
        #expect(lease.routes.count == 2)
        #expect(lease.domainNameServers == ["192.168.64.1"])
        #expect(lease.mtu == 1500)
        #expect(lease.duration == DHCPDuration(seconds: 3600))
        #expect(lease.hostName == "guest")
        #expect(lease.domainName == "example.org")
        #expect(lease.domainSearch == [domain])
        #expect(client.state == .bound(lease))
        #expect(client.deadline == .seconds(1801))
    }

    @Test func `a DISCOVER says who asks, and for what`() throws {
        var client = client()
        let discover = try due(&client, .zero)
        #expect(discover.destination == .broadcast)
        #expect(discover.message.type == .discover)
        #expect(discover.message.hardwareAddress == mac)
        #expect(discover.message.transactionID == 0x1234_5678)
        #expect(discover.message.options[.hostName] == "guest")
        let list = discover.message.options[.parameterRequestList]?.map(\.rawValue)
        #expect(list?.sorted() == [1, 3, 6, 12, 15, 26, 51, 54, 58, 59, 119, 121])
        #expect(discover.message.options[raw: .rapidCommit] == nil)
    }

    @Test func `a DISCOVER without answer is sent again, ever more rarely`() throws {
        var client = client()
        var now = Duration.zero
        var intervals: [Duration] = []
        for _ in 0..<9 {
            #expect(client.nextMessage(now: now)?.message.type == .discover)
            #expect(client.nextMessage(now: now) == nil)
            let next = try #require(client.deadline)
            intervals.append(next - now)
            now = next
        }
        #expect(intervals.map { $0 / .milliseconds(250) } == [1, 2, 4, 8, 16, 32, 64, 64, 64])
    }

    @Test func `a REQUEST without answer is given up after four attempts`() throws {
        let network = try TestNetwork()
        var client = client()
        let discover = try due(&client, .zero)
        _ = client.receive(try #require(network.reply(to: discover.message)), now: .zero)
        var types: [DHCPMessageType?] = []
        for _ in 0..<5 {
            let now = try #require(client.deadline)
            types.append(client.nextMessage(now: now)?.message.type)
        }
        #expect(types == [.request, .request, .request, .request, .discover])
    }

    @Test func `replies to others, to earlier questions and of no use are ignored`() throws {
        let network = try TestNetwork()
        var client = client()
        let discover = try due(&client, .zero).message
        let offer = try #require(network.reply(to: discover))
        func ignores(_ change: (inout DHCPMessage) -> Void) -> Bool {
            var changed = offer
            change(&changed)
            return client.receive(changed, now: .zero) == .ignored
        }
        #expect(ignores { $0.transactionID &+= 1 })
        #expect(ignores { $0.hardwareAddress = "52:54:00:00:00:01" })
        #expect(ignores { $0.operation = .request })
        #expect(ignores { $0.type = .acknowledge })
        #expect(ignores { $0.type = .refuse })
        #expect(ignores { $0.yourAddress = .any })
        #expect(ignores { $0.yourAddress = .broadcast })
        #expect(ignores { $0.options[.subnetMask] = nil })
        #expect(ignores { $0.options[.subnetMask] = "255.0.255.0" })
        #expect(ignores { $0.options[.serverIdentifier] = nil })
        #expect(ignores { $0.options[.leaseTime] = DHCPDuration(seconds: 0) })
        #expect(client.receive(offer, now: .zero) == .proceeding)
        #expect(ignores { $0.yourAddress = "192.168.64.3" })
    }

    @Test func `a refused client begins anew after a second`() throws {
        let network = try TestNetwork()
        var client = client()
        let discover = try due(&client, .zero).message
        _ = client.receive(try #require(network.reply(to: discover)), now: .zero)
        let request = try due(&client, .zero).message
        var refusal = DHCPMessage(replyingTo: request)
        refusal.type = .refuse
        #expect(client.receive(refusal, now: .zero) == .refused)
        #expect(client.nextMessage(now: .milliseconds(999)) == nil)
        let again = try due(&client, .seconds(1)).message
        #expect(again.type == .discover)
        #expect(again.transactionID != discover.transactionID)
    }

    @Test func `a lease is renewed at its server, then at any, then given up`() throws {
        let network = try TestNetwork()
        var (client, lease) = try bound(network, at: .zero)
        var log: [String] = []
        while client.state != .selecting {
            let now = try #require(client.deadline)
            guard let sent = client.nextMessage(now: now) else { continue }
            if sent.message.type == .request { #expect(sent.message.clientAddress == lease.address) }
            log.append("\(now.components.seconds) \(sent.message.type?.description ?? "") \(sent.destination)")
        }
        #expect(log.first == "1800 request 192.168.64.1")
        #expect(log.contains("3150 request 255.255.255.255"))
        #expect(log.last == "3600 discover 255.255.255.255")
        #expect(log.count < 20)
    }

    @Test func `a renewal goes on with the same address`() throws {
        let network = try TestNetwork()
        var (client, lease) = try bound(network, at: .zero)
        let renewal = try due(&client, .seconds(1800))
        network.elapsed = 1800
        let ack = try #require(network.reply(to: renewal.message))
        #expect(client.receive(ack, now: .seconds(1800)) == .bound(lease))
        #expect(client.deadline == .seconds(3600))
        #expect(network.server.leases.first?.expiry == TestNetwork.time(5400))
    }

    @Test func `an endless lease asks for nothing more`() throws {
        let network = try TestNetwork { $0.leaseDuration = .infinite }
        let (client, _) = try bound(network)
        #expect(client.deadline == nil)
    }
}
