import Testing
import VmnetDHCP
import VmnetTesting
import VmnetWire

private let guest = Guest("52:54:00:12:34:56")

/// How long an address is a client's, and whose it is then.
@Suite struct DHCPServerLeaseTests {
    @Test func `guests get addresses in the order in which they come`() throws {
        let network = try TestNetwork()
        #expect((1...3).map { network.lease(to: .numbered($0)) } == ["192.168.64.2", "192.168.64.3", "192.168.64.4"])
    }

    @Test func `the server knows what its stations have leased, and where they are`() throws {
        let network = try TestNetwork()
        _ = network.lease(to: guest)
        let port = DHCPAttachment(rawValue: guest.port)
        #expect(network.server.lease(of: guest.hardwareAddress)?.address == "192.168.64.2")
        #expect(network.server.stations(on: port) == [guest.hardwareAddress])
        #expect(network.server.lease(of: "02:00:00:00:00:99") == nil)
        network.detach(guest.port)
        #expect(network.server.stations(on: port) == [])
        _ = network.answer(to: guest.release("192.168.64.2"))
        #expect(network.server.lease(of: guest.hardwareAddress) == nil)
    }

    @Test func `a client that comes back after its lease gets the same address`() throws {
        let network = try TestNetwork()
        _ = network.lease(to: .numbered(1))
        _ = network.lease(to: guest)
        network.detach(1)
        network.elapsed = 86400
        #expect(network.lease(to: .numbered(3)) == "192.168.64.4")
        #expect(network.lease(to: guest) == "192.168.64.3")
    }

    @Test func `a client that comes back after a RELEASE gets the same address`() throws {
        let network = try TestNetwork()
        _ = network.lease(to: guest)
        _ = network.answer(to: guest.release("192.168.64.2"))
        #expect(network.lease(to: .numbered(2)) == "192.168.64.3")
        #expect(network.lease(to: guest) == "192.168.64.2")
    }

    @Test func `a client that comes back after a restart of the server gets the same address`() throws {
        let network = try TestNetwork()
        for number in 1...10 { _ = network.lease(to: .numbered(number)) }
        _ = network.answer(to: Guest.numbered(4).release("192.168.64.5"), on: 4)
        network.elapsed = 10
        let restarted = try network.restarted()
        for number in (1...10).reversed() {
            #expect(restarted.lease(to: .numbered(number)) == IPv4Address(bits: 0xc0a8_4001 + UInt32(number)))
        }
    }

    @Test func `an offer that lapses does not make the server forget who had the address`() throws {
        let network = try TestNetwork(last: "192.168.64.3")
        _ = network.lease(to: guest)
        _ = network.answer(to: guest.release("192.168.64.2"))
        #expect(network.offer(to: guest) == "192.168.64.2")
        network.elapsed = 3600
        #expect(network.lease(to: .numbered(2)) == "192.168.64.3")
        #expect(network.lease(to: guest) == "192.168.64.2")
    }

    @Test func `a free address goes before a remembered one, and the longest unused before others`() throws {
        let network = try TestNetwork(last: "192.168.64.4")
        for number in 1...2 { _ = network.lease(to: .numbered(number)) }
        network.elapsed = 10
        _ = network.answer(to: Guest.numbered(2).release("192.168.64.3"), on: 2)
        network.elapsed = 20
        _ = network.answer(to: Guest.numbered(1).release("192.168.64.2"), on: 1)
        #expect(network.lease(to: .numbered(3)) == "192.168.64.4")
        #expect(network.lease(to: .numbered(4)) == "192.168.64.3")
        #expect(network.lease(to: .numbered(5)) == "192.168.64.2")
        #expect(network.lease(to: .numbered(1)) == nil)
    }

    @Test func `a client gets the free address that it wishes`() throws {
        let network = try TestNetwork()
        func wish(_ address: IPv4Address) -> IPv4Address? {
            network.reply(to: Guest.numbered(7).discover { $0.options[.requestedAddress] = address }, on: 7)?
                .yourAddress
        }
        _ = network.lease(to: guest)
        #expect(wish("192.168.64.2") == "192.168.64.3")
        network.elapsed = 61
        #expect(wish("10.0.0.7") == "192.168.64.3")
        network.elapsed = 122
        #expect(wish("192.168.64.9") == "192.168.64.9")
    }

    @Test func `the lease of an attached guest does not end, even if it never renews`() throws {
        let network = try TestNetwork(last: "192.168.64.2")
        _ = network.lease(to: guest)
        network.elapsed = 30 * 86400
        #expect(network.offer(to: .numbered(2)) == nil)
        #expect(network.server.leases.first.map { $0.expiry > network.now } == true)
    }

    @Test func `an attached guest's lease is renewed on the disk too`() throws {
        let network = try TestNetwork()
        _ = network.lease(to: guest)
        let deadline = try #require(network.server.nextDeadline)
        #expect(deadline == TestNetwork.time(3600))
        network.server.advance(to: deadline)
        let lease = try #require(network.server.leases.first)
        #expect(lease.expiry == TestNetwork.time(7200))
        #expect(network.server.takeChanges() == [.set(lease)])
        #expect(network.server.nextDeadline == TestNetwork.time(7200))
    }

    @Test func `the lease of a guest begins to run when it is detached`() throws {
        let network = try TestNetwork(last: "192.168.64.2")
        _ = network.lease(to: guest)
        network.elapsed = 86400
        network.detach(1)
        #expect(network.server.leases.first?.expiry == TestNetwork.time(90000))
        network.elapsed = 89999
        #expect(network.offer(to: .numbered(2)) == nil)
        network.elapsed = 90000
        #expect(network.offer(to: .numbered(2)) == "192.168.64.2")
    }

    @Test func `a guest that was there before the server keeps its lease once it is seen`() throws {
        let network = try TestNetwork(last: "192.168.64.2")
        _ = network.lease(to: guest)
        let restarted = try network.restarted()
        restarted.server.attach(guest.hardwareAddress, to: DHCPAttachment(rawValue: 1), now: restarted.now)
        restarted.elapsed = 86400
        #expect(restarted.offer(to: .numbered(2)) == nil)
    }

    @Test(arguments: [(7199, true), (7200, false)] as [(Int64, Bool)])
    func `a lease that ended while the server was away goes on if its guest is seen soon`(
        _ elapsed: Int64, _ goesOn: Bool
    ) throws {
        let network = try TestNetwork(last: "192.168.64.2")
        _ = network.lease(to: guest)
        network.elapsed = elapsed
        let restarted = try network.restarted()
        #expect(restarted.server.leaseCounts.leased == 0)
        restarted.server.attach(guest.hardwareAddress, to: DHCPAttachment(rawValue: 1), now: restarted.now)
        #expect(restarted.server.leaseCounts.leased == (goesOn ? 1 : 0))
        #expect((restarted.offer(to: .numbered(2)) == nil) == goesOn)
    }

    @Test func `a guest that released its lease does not get it back by being seen`() throws {
        let network = try TestNetwork()
        _ = network.lease(to: guest)
        _ = network.answer(to: guest.release("192.168.64.2"))
        network.server.attach(guest.hardwareAddress, to: DHCPAttachment(rawValue: 1), now: network.now)
        network.detach(1)
        network.server.attach(guest.hardwareAddress, to: DHCPAttachment(rawValue: 1), now: network.now)
        #expect(network.server.leaseCounts.leased == 0)
    }

    @Test func `only the last lease of a station is kept from ending`() throws {
        let network = try TestNetwork()
        for number in 1...5 {
            let boot = Guest(guest.hardwareAddress, identifier: DHCPClientIdentifier(bytes: [0xff, UInt8(number)]))
            _ = network.lease(to: boot)
        }
        #expect(network.server.leaseCounts.leased == 5)
        network.elapsed = 3600
        network.server.advance(to: network.now)
        #expect(network.server.leaseCounts.leased == 1)
        #expect(network.server.leases.filter { $0.expiry > network.now }.map(\.address) == ["192.168.64.6"])
    }

    @Test func `an address that somebody uses without a lease is passed over and kept for ten minutes`() throws {
        let network = try TestNetwork(last: "192.168.64.3")
        network.neighbours["192.168.64.2"] = "52:54:00:00:00:77"
        #expect(network.lease(to: guest) == "192.168.64.3")
        #expect(network.server.counters.conflicts == 1)
        network.neighbours = [:]
        #expect(network.offer(to: .numbered(2)) == nil)
        network.elapsed = 600
        #expect(network.offer(to: .numbered(2)) == "192.168.64.2")
    }

    @Test func `a client that still uses the address that it had goes on having it`() throws {
        let network = try TestNetwork(last: "192.168.64.2")
        _ = network.lease(to: guest)
        network.detach(1)
        network.elapsed = 7200
        network.neighbours["192.168.64.2"] = guest.hardwareAddress
        #expect(network.offer(to: .numbered(2)) == nil)
        #expect(network.server.leaseCounts.leased == 1)
        #expect(network.lease(to: guest) == "192.168.64.2")
    }

    @Test func `a client's own use of an address is no conflict`() throws {
        let network = try TestNetwork()
        network.neighbours["192.168.64.2"] = guest.hardwareAddress
        #expect(network.lease(to: guest) == "192.168.64.2")
    }

    @Test func `only the station that leased an address may use it`() throws {
        let network = try TestNetwork()
        func isLeased() -> Bool { network.server.isLeased("192.168.64.2", to: guest.hardwareAddress) }
        #expect(!isLeased())
        #expect(network.offer(to: guest) == "192.168.64.2")
        #expect(!isLeased())
        _ = network.lease(to: guest)
        #expect(isLeased())
        #expect(!network.server.isLeased("192.168.64.2", to: Guest.numbered(2).hardwareAddress))
        #expect(!network.server.isLeased("192.168.64.3", to: guest.hardwareAddress))
        _ = network.answer(to: guest.release("192.168.64.2"))
        #expect(!isLeased())
    }

    @Test func `a clock that is set back ends no lease`() throws {
        let network = try TestNetwork(last: "192.168.64.2")
        _ = network.lease(to: guest)
        network.elapsed = -86400
        #expect(network.reply(to: guest.renew("192.168.64.2"))?.type == .acknowledge)
        #expect(network.offer(to: .numbered(2)) == nil)
        network.detach(1)
        network.elapsed = -86400 + 3600
        #expect(network.offer(to: .numbered(2)) == "192.168.64.2")
    }
}
