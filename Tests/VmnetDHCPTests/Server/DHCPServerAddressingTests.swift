import Testing
import VmnetDHCP
import VmnetTesting
import VmnetWire

private let guest = Guest("52:54:00:12:34:56")

/// Where replies go (RFC 2131, 4.1).
@Suite struct DHCPServerAddressingTests {
    private func destination(
        of message: DHCPMessage, source: MACAddress? = nil, after prepare: (TestNetwork) -> Void = { _ in }
    ) throws -> DHCPReply.Destination {
        let network = try TestNetwork()
        prepare(network)
        let answer = network.answer(to: message, source: source)
        guard case .reply(let reply) = answer else { throw WireError.malformed }
        return reply.destination
    }

    @Test func `an OFFER is unicast to an address that the client does not answer ARP for yet`() throws {
        let destination = try destination(of: guest.discover())
        #expect(destination.hardwareAddress == guest.hardwareAddress)
        #expect(destination.address == "192.168.64.2")
        #expect(destination.port == 68)
    }

    @Test func `a client that cannot receive unicast gets a broadcast`() throws {
        let destination = try destination(of: guest.discover { $0.wantsBroadcast = true })
        #expect(destination.hardwareAddress == .broadcast)
        #expect(destination.address == .broadcast)
        #expect(destination.port == 68)
    }

    @Test func `a client that has its address gets the reply there, whatever its broadcast flag`() throws {
        var renewal = guest.renew("192.168.64.2")
        renewal.wantsBroadcast = true
        let destination = try destination(of: renewal) { _ = $0.lease(to: guest) }
        #expect(destination.hardwareAddress == guest.hardwareAddress)
        #expect(destination.address == "192.168.64.2")
    }

    @Test func `an INFORM is answered to the address it comes from`() throws {
        let destination = try destination(of: guest.inform("192.168.64.77"))
        #expect(destination.hardwareAddress == guest.hardwareAddress)
        #expect(destination.address == "192.168.64.77")
        #expect(destination.port == 68)
    }

    @Test func `a relay gets the reply on the server's port, at the address its frame came from`() throws {
        var message = guest.discover()
        message.relayAddress = "192.168.64.200"
        let destination = try destination(of: message, source: "52:54:00:00:99:99")
        #expect(destination.hardwareAddress == "52:54:00:00:99:99")
        #expect(destination.address == "192.168.64.200")
        #expect(destination.port == 67)
    }

    @Test func `a refusal is broadcast, even to a client that names its address`() throws {
        let destination = try destination(of: guest.renew("10.0.0.7"))
        #expect(destination.hardwareAddress == .broadcast)
        #expect(destination.address == .broadcast)
        #expect(destination.port == 68)
    }

    @Test func `a relay is asked to broadcast a refusal`() throws {
        let network = try TestNetwork()
        var message = guest.renew("10.0.0.7")
        message.relayAddress = "192.168.64.200"
        guard case .reply(let reply) = network.answer(to: message, source: "52:54:00:00:99:99") else {
            Issue.record("no reply")
            return
        }
        #expect(reply.destination.address == "192.168.64.200")
        #expect(reply.message.wantsBroadcast)
    }
}
