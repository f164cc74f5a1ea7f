import Testing
import VmnetDHCP
import VmnetTesting
import VmnetWire

private let guest = Guest("52:54:00:12:34:56")
private let other = Guest.numbered(2)

/// Who may have the address that a REQUEST names, in each state of a client (RFC 2131, 4.3.2).
@Suite struct DHCPServerRequestTests {
    @Test func `SELECTING an address that was offered to another client is refused`() throws {
        let network = try TestNetwork()
        #expect(network.offer(to: other) == "192.168.64.2")
        #expect(network.offer(to: guest) == "192.168.64.3")
        #expect(network.reply(to: guest.select("192.168.64.2"))?.type == .refuse)
        #expect(network.server.leases.isEmpty)
    }

    @Test func `SELECTING an offer that has lapsed succeeds while the address is free`() throws {
        let network = try TestNetwork()
        #expect(network.offer(to: guest) == "192.168.64.2")
        network.elapsed = 61
        #expect(network.reply(to: guest.select("192.168.64.2"))?.type == .acknowledge)
    }

    @Test func `an offer stands for a minute`() throws {
        let network = try TestNetwork(last: "192.168.64.2")
        #expect(network.offer(to: guest) == "192.168.64.2")
        network.elapsed = 59
        #expect(network.offer(to: other) == nil)
        network.elapsed = 60
        #expect(network.offer(to: other) == "192.168.64.2")
    }

    @Test func `a client that restarts gets its own address confirmed`() throws {
        let network = try TestNetwork()
        _ = network.lease(to: guest)
        let ack = try #require(network.reply(to: guest.reboot("192.168.64.2")))
        #expect(ack.type == .acknowledge)
        #expect(ack.yourAddress == "192.168.64.2")
    }

    @Test(arguments: ["10.0.2.15", "192.168.64.21", "192.168.64.1", "192.168.64.0", "192.168.64.255"])
    func `a client with an address that is not from the pool is refused at once`(_ text: String) throws {
        let address = try #require(IPv4Address(text))
        let network = try TestNetwork()
        #expect(network.reply(to: guest.reboot(address))?.type == .refuse)
        #expect(network.reply(to: guest.renew(address))?.type == .refuse)
    }

    @Test func `a refused client gets an address from the new range right away`() throws {
        let network = try TestNetwork()
        _ = network.lease(to: guest)
        let moved = try network.restarted {
            $0 = try DHCPServerConfiguration(gateway: "192.168.105.1", last: "192.168.105.9", mask: "255.255.255.0")
        }
        #expect(moved.server.leases.isEmpty)
        #expect(moved.reply(to: guest.renew("192.168.64.2"))?.type == .refuse)
        #expect(moved.offer(to: guest) == "192.168.105.2")
    }

    @Test func `a client that restarts with another client's address is refused`() throws {
        let network = try TestNetwork()
        _ = network.lease(to: other)
        #expect(network.reply(to: guest.reboot("192.168.64.2"))?.type == .refuse)
        #expect(network.reply(to: guest.renew("192.168.64.2"))?.type == .refuse)
    }

    @Test func `a client that restarts with another address than its own is refused`() throws {
        let network = try TestNetwork()
        _ = network.lease(to: guest)
        #expect(network.reply(to: guest.reboot("192.168.64.9"))?.type == .refuse)
        #expect(network.offer(to: guest) == "192.168.64.2")
    }

    @Test func `an address whose record was lost is given back to the client that names it`() throws {
        let network = try TestNetwork()
        #expect(network.reply(to: guest.renew("192.168.64.7"))?.type == .acknowledge)
        #expect(network.reply(to: other.reboot("192.168.64.8"))?.type == .acknowledge)
        #expect(network.server.leases.map(\.address) == ["192.168.64.7", "192.168.64.8"])
        #expect(network.offer(to: .numbered(3)) == "192.168.64.2")
    }

    @Test func `an address that another client is remembered at is not given to the one that names it`() throws {
        let network = try TestNetwork()
        _ = network.lease(to: other)
        _ = network.answer(to: other.release("192.168.64.2"), on: other.port)
        #expect(network.reply(to: guest.reboot("192.168.64.2"))?.type == .refuse)
        #expect(network.lease(to: other) == "192.168.64.2")
    }

    @Test func `RENEWING extends the lease from now`() throws {
        let network = try TestNetwork()
        _ = network.lease(to: guest)
        network.elapsed = 1800
        let ack = try #require(network.reply(to: guest.renew("192.168.64.2")))
        #expect(ack.type == .acknowledge)
        #expect(ack.clientAddress == "192.168.64.2")
        #expect(network.server.leases.first?.expiry == TestNetwork.time(5400))
    }

    @Test func `renewals after a restart are acknowledged`() throws {
        let network = try TestNetwork()
        _ = network.lease(to: guest)
        network.elapsed = 1800
        let restarted = try network.restarted()
        #expect(restarted.reply(to: guest.renew("192.168.64.2"))?.type == .acknowledge)
    }

    @Test func `a server identifier in a renewal does no harm`() throws {
        let network = try TestNetwork()
        _ = network.lease(to: guest)
        var message = guest.renew("192.168.64.2")
        message.options[.serverIdentifier] = TestNetwork.gateway
        #expect(network.reply(to: message)?.type == .acknowledge)
    }

    @Test func `a refusal says who, why and to whom, and nothing else`() throws {
        let network = try TestNetwork()
        var message = guest.reboot("10.0.0.7")
        message.options[.clientIdentifier] = DHCPClientIdentifier(ethernet: guest.hardwareAddress)
        message.options[.parameterRequestList] = [.subnetMask, .routers]
        let refusal = try #require(network.reply(to: message))
        #expect(refusal.yourAddress == .any)
        #expect(refusal.options.codes.map(\.rawValue) == [53, 54, 56, 61])
    }

    @Test func `a client may ask for a shorter lease but not for a longer one`() throws {
        let network = try TestNetwork()
        func seconds(_ asked: UInt32) -> UInt32? {
            network.reply(to: guest.discover { $0.options[.leaseTime] = DHCPDuration(seconds: asked) })?
                .options[.leaseTime]?.seconds
        }
        #expect(seconds(600) == 600)
        #expect(seconds(86400) == 3600)
        #expect(seconds(.max) == 3600)
        #expect(seconds(0) == 60)
    }
}
