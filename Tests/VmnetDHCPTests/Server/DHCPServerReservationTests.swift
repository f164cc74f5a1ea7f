import Testing
import VmnetDHCP
import VmnetTesting
import VmnetWire

private let owner = Guest("52:54:00:12:34:56", hostName: "mine", port: 1)
private let other = Guest.numbered(2)
private let identifier = DHCPClientIdentifier(bytes: [0xff, 1, 2, 3])

private func reserve(_ address: IPv4Address, name: String? = nil) -> (inout DHCPServerConfiguration) throws -> Void {
    {
        try $0.reserve(
            DHCPReservation(
                client: .hardwareAddress(owner.hardwareAddress), address: address,
                hostName: name.flatMap(HostName.init(sanitizing:))))
    }
}

@Suite struct DHCPServerReservationTests {
    @Test func `a reserved address goes to its client, wherever in the subnet it is`() throws {
        #expect(try TestNetwork(configure: reserve("192.168.64.7")).lease(to: owner) == "192.168.64.7")
        #expect(try TestNetwork(configure: reserve("192.168.64.200")).lease(to: owner) == "192.168.64.200")
    }

    @Test func `a reserved address goes to nobody else`() throws {
        let network = try TestNetwork(last: "192.168.64.3", configure: reserve("192.168.64.2"))
        #expect(network.reply(to: other.reboot("192.168.64.2"), on: 2)?.type == .refuse)
        #expect(network.lease(to: other) == "192.168.64.3")
        #expect(network.lease(to: .numbered(3)) == nil)
        #expect(network.lease(to: owner) == "192.168.64.2")
        _ = network.answer(to: owner.release("192.168.64.2"))
        #expect(network.lease(to: .numbered(3)) == nil)
        #expect(network.lease(to: owner) == "192.168.64.2")
    }

    @Test func `a reservation may name the client identifier`() throws {
        let network = try TestNetwork {
            try $0.reserve(DHCPReservation(client: .identifier(#require(identifier)), address: "192.168.64.9"))
        }
        #expect(network.lease(to: Guest("52:54:00:00:00:01", identifier: identifier)) == "192.168.64.9")
        #expect(network.lease(to: Guest("52:54:00:00:00:02")) == "192.168.64.2")
    }

    @Test func `an identifier that is the hardware address is one with it`() throws {
        let network = try TestNetwork {
            try $0.reserve(
                DHCPReservation(
                    client: .identifier(DHCPClientIdentifier(ethernet: owner.hardwareAddress)),
                    address: "192.168.64.9"))
        }
        #expect(network.lease(to: owner) == "192.168.64.9")
    }

    @Test func `the reservation's name wins over the client's own`() throws {
        let network = try TestNetwork(configure: reserve("192.168.64.7", name: "web"))
        let reply = network.reply(to: owner.discover { $0.options[.parameterRequestList] = [.hostName] })
        #expect(reply?.options[.hostName] == "web")
        _ = network.lease(to: owner)
        #expect(network.server.leases.first?.hostName?.text == "web")
    }

    @Test func `a reservation made later moves its client`() throws {
        let network = try TestNetwork()
        #expect(network.lease(to: owner) == "192.168.64.2")
        let restarted = try network.restarted(configure: reserve("192.168.64.7"))
        #expect(restarted.reply(to: owner.renew("192.168.64.2"))?.type == .refuse)
        #expect(restarted.lease(to: owner) == "192.168.64.7")
        #expect(restarted.server.leases.map(\.address) == ["192.168.64.7"])
    }

    @Test func `an address reserved while another client uses it is not given twice`() throws {
        let network = try TestNetwork()
        #expect(network.lease(to: other) == "192.168.64.2")
        let restarted = try network.restarted(configure: reserve("192.168.64.2"))
        #expect(restarted.lease(to: owner) == "192.168.64.3")
        #expect(restarted.reply(to: other.renew("192.168.64.2"), on: 2)?.type == .refuse)
        #expect(restarted.lease(to: owner) == "192.168.64.2")
        #expect(restarted.lease(to: other) == "192.168.64.3")
    }

    @Test func `a BOOTP client gets its reserved address`() throws {
        let network = try TestNetwork(configure: reserve("192.168.64.7"))
        #expect(network.reply(to: owner.message(nil))?.yourAddress == "192.168.64.7")
    }
}
