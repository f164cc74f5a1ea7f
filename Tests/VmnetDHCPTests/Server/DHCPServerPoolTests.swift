import Testing
import VmnetTesting
import VmnetWire

@testable import VmnetDHCP

@Suite struct DHCPServerPoolTests {
    @Test func `every address from .2 to .20 is given, and the twentieth client gets no offer`() throws {
        let network = try TestNetwork()
        let addresses = (1...19).map { network.lease(to: .numbered($0)) }
        #expect(addresses == (2...20).map { IPv4Address(bits: 0xc0a8_4000 + $0) })
        let silence = try #require(network.silence(to: Guest.numbered(20).discover(), on: 20))
        #expect(silence.reason == .poolExhausted)
    }

    @Test func `where a station gets one address, identifiers and declined addresses gain it no other`() throws {
        let network = try TestNetwork { $0.limitsStationsToOneAddress = true }
        var guest = Guest("52:54:00:12:34:56")
        for number: UInt8 in 0..<30 {
            guest.identifier = DHCPClientIdentifier("ff:00:00:00:0\(number % 10)")
            #expect(network.lease(to: guest) == "192.168.64.2")
            if number % 3 == 0 { #expect(network.silence(to: guest.decline("192.168.64.2"))?.reason == .declined) }
        }
        let counts = network.server.leaseCounts
        #expect(counts.leased + counts.remembered == 1 && counts.quarantined == 0)
        #expect(network.lease(to: .numbered(2)) == "192.168.64.3")
        let restarted = try network.restarted()
        #expect(restarted.lease(to: guest) == "192.168.64.2")
    }

    @Test func `a station that had several addresses before keeps one of them`() throws {
        let network = try TestNetwork()
        var guest = Guest("52:54:00:12:34:56")
        for text in ["ff:01:02:03:04", "ff:01:02:03:05"] {
            guest.identifier = DHCPClientIdentifier(text)
            _ = network.lease(to: guest)
        }
        #expect(network.server.leaseCounts.leased == 2)
        let restarted = try network.restarted { $0.limitsStationsToOneAddress = true }
        #expect(restarted.server.leaseCounts.leased == 1)
    }

    @Test func `an exhausted pool is news once, and again after an address was given`() throws {
        let network = try TestNetwork(last: "192.168.64.2")
        func isNews(_ number: Int) -> Bool? {
            network.silence(to: Guest.numbered(number).discover(), on: UInt32(number))?.isNews
        }
        _ = network.lease(to: .numbered(1))
        #expect(isNews(2) == true)
        #expect(isNews(2) == false)
        #expect(isNews(3) == false)
        // The client that has its address does not make one available.
        _ = network.lease(to: .numbered(1))
        #expect(isNews(3) == false)
        _ = network.answer(to: Guest.numbered(1).release("192.168.64.2"), on: 1)
        _ = network.lease(to: .numbered(2))
        #expect(isNews(3) == true)
        #expect(isNews(1) == false)
        #expect(network.server.counters.silent(.poolExhausted) == 6)
    }

    @Test(arguments: [
        ("10.0.0.1", "10.0.0.6", "255.255.255.248", 5), ("10.0.0.1", "10.0.0.7", "255.255.255.248", 5),
        ("10.0.0.1", "10.0.0.2", "255.255.255.252", 1),
    ])
    func `neither the network, nor its broadcast address, nor the gateway is given`(
        _ gateway: String, _ last: String, _ mask: String, _ count: Int
    ) throws {
        let gateway = try #require(IPv4Address(gateway))
        let configuration = try DHCPServerConfiguration(
            gateway: gateway, last: try #require(IPv4Address(last)), mask: try #require(IPv4Address(mask)))
        let network = try TestNetwork()
        network.server = DHCPServer(configuration: configuration, now: network.now)
        let addresses = (1...20).compactMap { network.offer(to: .numbered($0)) }
        #expect(addresses == (1...count).map { gateway.advanced(by: $0) })
    }

    @Test func `a flood of DISCOVERs takes the pool for a minute and no longer`() throws {
        let network = try TestNetwork()
        for number in 1...1000 { _ = network.answer(to: Guest.numbered(number).discover(), on: 1) }
        #expect(network.server.leaseCounts.offered == 19)
        network.elapsed = 60
        #expect(network.lease(to: .numbered(2000)) == "192.168.64.2")
    }

    @Test func `a client that has a lease is served while others flood`() throws {
        let network = try TestNetwork()
        _ = network.lease(to: .numbered(1))
        for number in 100...1000 { _ = network.answer(to: Guest.numbered(number).discover(), on: 2) }
        #expect(network.reply(to: Guest.numbered(1).renew("192.168.64.2"))?.type == .acknowledge)
        #expect(network.lease(to: .numbered(1)) == "192.168.64.2")
    }

    /// A network of 65,533 addresses whose server remembers few.
    private func large(bindings: Int, remembered: Int) throws -> TestNetwork {
        let network = try TestNetwork()
        let configuration = try DHCPServerConfiguration(
            gateway: TestNetwork.gateway, last: "192.168.255.254", mask: "255.255.0.0")
        var limits = LeaseTable.Limits()
        limits.bindings = bindings
        limits.remembered = remembered
        network.server = DHCPServer(configuration: configuration, restoring: [], limits: limits, now: network.now)
        return network
    }

    @Test func `only so many offers stand in a large pool: the oldest lapse early`() throws {
        let network = try large(bindings: 100, remembered: 10)
        for number in 1...1000 {
            network.elapsed = Int64(number) / 100
            #expect(network.offer(to: .numbered(number)) != nil)
        }
        #expect(network.server.leaseCounts.offered == 100)
    }

    @Test func `only so many leases stand in a large pool`() throws {
        let network = try large(bindings: 100, remembered: 10)
        let leased = (1...200).compactMap { network.lease(to: .numbered($0)) }
        #expect(leased.count == 100)
        #expect(network.silence(to: Guest.numbered(201).discover(), on: 201)?.reason == .poolExhausted)
        #expect(network.reply(to: Guest.numbered(1).renew("192.168.64.2"))?.type == .acknowledge)
    }

    @Test func `only so many clients are remembered: the longest gone are forgotten`() throws {
        let network = try large(bindings: 100, remembered: 10)
        for number in 1...50 {
            network.elapsed = Int64(number)
            let address = try #require(network.lease(to: .numbered(number)))
            _ = network.answer(to: Guest.numbered(number).release(address), on: UInt32(number))
        }
        #expect(network.server.leaseCounts.remembered == 10)
        let remembered = Set(network.server.leases.map(\.hardwareAddress))
        #expect(remembered == Set((41...50).map { Guest.numbered($0).hardwareAddress }))
        // What the journal says comes to the same.
        var file = LeaseFile()
        file.read(Array(LeaseFile.text(of: network.changes).utf8).span)
        #expect(file.leases == network.server.leases)
    }
}
