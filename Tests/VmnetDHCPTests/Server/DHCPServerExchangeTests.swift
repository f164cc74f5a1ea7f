import Testing
import VmnetDHCP
import VmnetTesting
import VmnetWire

private let guest = Guest("52:54:00:12:34:56", hostName: "debian")

@Suite struct DHCPServerExchangeTests {
    @Test func `a DISCOVER is answered with an OFFER of the first address`() throws {
        let network = try TestNetwork()
        let offer = try #require(network.reply(to: guest.discover()))
        #expect(offer.type == .offer)
        #expect(offer.yourAddress == "192.168.64.2")
        #expect(offer.clientAddress == .any)
        #expect(offer.options[.serverIdentifier] == TestNetwork.gateway)
    }

    @Test func `a reply copies what it has to from the message`() throws {
        let network = try TestNetwork()
        let discover = guest.discover {
            $0.transactionID = 0xdead_beef
            $0.flags = 0x8000
            $0.relayAddress = "192.168.64.9"
            $0.hops = 1
            $0.secondsElapsed = 7
        }
        let offer = try #require(network.reply(to: discover))
        #expect(offer.operation == .reply)
        #expect(offer.transactionID == 0xdead_beef)
        #expect(offer.flags == 0x8000)
        #expect(offer.relayAddress == "192.168.64.9")
        #expect(offer.hardwareAddress == guest.hardwareAddress)
        #expect(offer.hops == 0)
        #expect(offer.secondsElapsed == 0)
    }

    @Test func `the REQUEST for an offer is acknowledged`() throws {
        let network = try TestNetwork()
        let address = try #require(network.offer(to: guest))
        let ack = try #require(network.reply(to: guest.select(address)))
        #expect(ack.type == .acknowledge)
        #expect(ack.yourAddress == address)
        #expect(ack.options[.leaseTime] == DHCPDuration(seconds: 3600))
        #expect(network.server.leases.map(\.address) == [address])
        #expect(network.server.leases.first?.hostName?.text == "debian")
    }

    @Test func `a lease is to be written down before its ACK leaves, an offer is not`() throws {
        let network = try TestNetwork()
        let address = try #require(network.offer(to: guest))
        #expect(network.changes.isEmpty)
        _ = network.answer(to: guest.select(address))
        let lease = try #require(network.server.leases.first)
        #expect(network.changes == [.set(lease)])
    }

    @Test func `DISCOVER, and REQUEST, sent again get the same answer`() throws {
        let network = try TestNetwork()
        #expect(network.reply(to: guest.discover()) == network.reply(to: guest.discover()))
        let first = network.reply(to: guest.select("192.168.64.2"))
        #expect(first != nil)
        #expect(network.reply(to: guest.select("192.168.64.2")) == first)
        #expect(network.server.leases.count == 1)
    }

    @Test func `a client that chose another server is left alone and its offer taken back`() throws {
        let network = try TestNetwork(last: "192.168.64.2")
        #expect(network.offer(to: guest) == "192.168.64.2")
        let other = guest.select("10.0.0.7", from: "10.0.0.1")
        #expect(network.silence(to: other)?.reason == .otherServer)
        #expect(network.lease(to: .numbered(2)) == "192.168.64.2")
    }

    @Test func `a client that asks for it gets its address in two messages`() throws {
        let network = try TestNetwork()
        let ack = try #require(network.reply(to: guest.discover { $0.options[.rapidCommit] = true }))
        #expect(ack.type == .acknowledge)
        #expect(ack.options[.rapidCommit] == true)
        #expect(ack.yourAddress == "192.168.64.2")
        #expect(network.server.leases.count == 1)
    }

    @Test func `two messages are not enough when the configuration says so`() throws {
        let network = try TestNetwork { $0.allowsRapidCommit = false }
        let offer = try #require(network.reply(to: guest.discover { $0.options[.rapidCommit] = true }))
        #expect(offer.type == .offer)
        #expect(offer.options[raw: .rapidCommit] == nil)
    }

    @Test func `a BOOTP client gets an address for long, and no DHCP options`() throws {
        let network = try TestNetwork()
        guard case .reply(let reply) = network.answer(to: guest.message(nil)) else {
            Issue.record("no reply")
            return
        }
        #expect(reply.message.type == nil)
        #expect(reply.message.yourAddress == "192.168.64.2")
        #expect(reply.message.options.codes.map(\.rawValue) == [1, 3, 6, 12, 26])
        #expect(reply.payload.count == 300)
        #expect(network.server.leases.first?.expiry == TestNetwork.time(30 * 86400))
    }

    @Test func `an INFORM gets the configuration and no address`() throws {
        let network = try TestNetwork()
        let ack = try #require(network.reply(to: guest.inform("192.168.64.77")))
        #expect(ack.type == .acknowledge)
        #expect(ack.yourAddress == .any)
        #expect(ack.clientAddress == "192.168.64.77")
        #expect(ack.options.codes.map(\.rawValue) == [1, 3, 6, 26, 53, 54])
        #expect(network.server.leases.isEmpty)
        #expect(network.silence(to: guest.inform("10.0.0.7"))?.reason == .foreignAddress)
    }

    @Test func `a RELEASE ends the lease at once`() throws {
        let network = try TestNetwork()
        _ = network.lease(to: guest)
        network.elapsed = 10
        #expect(network.silence(to: guest.release("192.168.64.2"))?.reason == .released)
        #expect(network.server.leases.map(\.expiry) == [network.now])
        #expect(network.server.leaseCounts.leased == 0)
        #expect(network.silence(to: guest.release("192.168.64.2"))?.reason == .unknownLease)
    }

    @Test func `a RELEASE of somebody else's address does nothing`() throws {
        let network = try TestNetwork()
        _ = network.lease(to: guest)
        #expect(network.silence(to: Guest.numbered(2).release("192.168.64.2"))?.reason == .unknownLease)
        #expect(network.server.leaseCounts.leased == 1)
    }

    @Test func `a declined address is given to nobody for ten minutes`() throws {
        let network = try TestNetwork(last: "192.168.64.3")
        _ = network.lease(to: guest)
        let silence = try #require(network.silence(to: guest.decline("192.168.64.2")))
        #expect(silence.reason == .declined)
        #expect(silence.address == "192.168.64.2")
        #expect(silence.isNews)
        #expect(network.lease(to: guest) == "192.168.64.3")
        network.elapsed = 599
        #expect(network.offer(to: .numbered(2)) == nil)
        network.elapsed = 600
        #expect(network.offer(to: .numbered(2)) == "192.168.64.2")
    }

    @Test func `only the owner of an address can decline it`() throws {
        let network = try TestNetwork()
        _ = network.lease(to: guest)
        #expect(network.silence(to: Guest.numbered(2).decline("192.168.64.2"))?.reason == .unknownLease)
        #expect(network.silence(to: Guest.numbered(2).decline("192.168.64.9"))?.reason == .unknownLease)
        #expect(network.server.leaseCounts.quarantined == 0)
    }

    @Test(arguments: Nonsense.allCases)
    func `what makes no sense is not answered, and counted`(_ nonsense: Nonsense) throws {
        let network = try TestNetwork()
        let message = guest.discover(nonsense.apply)
        #expect(network.silence(to: message, source: guest.hardwareAddress)?.reason == nonsense.reason)
        #expect(network.server.counters.silent(nonsense.reason) == 1)
        #expect(network.server.counters.received(message.type) == 1)
    }

    enum Nonsense: CaseIterable {
        case reply, multicastAddress, zeroAddress, relayElsewhere, relayIsServer, leaseQuery, offer, emptyRequest,
            emptyDecline

        func apply(_ message: inout DHCPMessage) {
            switch self {
            case .reply: message.operation = .reply
            case .multicastAddress: message.hardwareAddress = "01:00:5e:00:00:01"
            case .zeroAddress: message.hardwareAddress = .zero
            case .relayElsewhere: message.relayAddress = "10.0.0.9"
            case .relayIsServer: message.relayAddress = TestNetwork.gateway
            case .leaseQuery: message.type = DHCPMessageType(rawValue: 10)
            case .offer: message.type = .offer
            case .emptyRequest: message.type = .request
            case .emptyDecline: message.type = .decline
            }
        }

        var reason: DHCPSilence.Reason {
            switch self {
            case .reply: .notARequest
            case .multicastAddress, .zeroAddress, .emptyRequest, .emptyDecline: .malformed
            case .relayElsewhere, .relayIsServer: .foreignRelay
            case .leaseQuery, .offer: .unsupported
            }
        }
    }

    @Test func `messages are counted by type, both ways`() throws {
        let network = try TestNetwork()
        _ = network.lease(to: guest)
        _ = network.answer(to: guest.renew("10.0.0.7"))
        _ = network.answer(to: guest.message(nil))
        let counters = network.server.counters
        #expect(counters.received(.discover) == 1)
        #expect(counters.received(.request) == 2)
        #expect(counters.received(nil) == 1)
        #expect(counters.sent(.offer) == 1)
        #expect(counters.sent(.acknowledge) == 1)
        #expect(counters.sent(.refuse) == 1)
        #expect(counters.sent(nil) == 1)
    }

    @Test func `a /8 costs what a small network does`() throws {
        let configuration = try DHCPServerConfiguration(
            gateway: "10.0.0.1", last: "10.255.255.255", mask: "255.0.0.0")
        let network = try TestNetwork()
        network.server = DHCPServer(configuration: configuration, now: network.now)
        let beginning = ContinuousClock.now
        for number in 1...1000 {
            let guest = Guest.numbered(number)
            let address = try #require(network.offer(to: guest))
            #expect(network.reply(to: guest.select(address, from: "10.0.0.1"))?.type == .acknowledge)
        }
        // One look at each address of the pool for each message would take minutes.
        #expect(ContinuousClock.now - beginning < .seconds(10))
        #expect(network.server.leases.last?.address == "10.0.3.233")
    }
}
