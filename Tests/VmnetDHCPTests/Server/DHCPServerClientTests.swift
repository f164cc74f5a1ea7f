import Testing
import VmnetDHCP
import VmnetTesting
import VmnetWire

private let machineID = DHCPClientIdentifier(bytes: [0xff, 0x5f, 0x6d, 0xaa, 0xa8, 0, 2, 0, 0, 0xab, 0x11, 1, 2])
private let original = Guest("52:54:00:00:00:0a", identifier: machineID, port: 10)
private let clone = Guest("52:54:00:00:00:0b", identifier: machineID, port: 11)

/// Who is the same client, and who is not.
@Suite struct DHCPServerClientTests {
    @Test func `clones with one machine id get addresses of their own`() throws {
        let network = try TestNetwork()
        #expect(network.lease(to: original) == "192.168.64.2")
        #expect(network.lease(to: clone) == "192.168.64.3")
        #expect(network.reply(to: original.renew("192.168.64.2"), on: 10)?.type == .acknowledge)
        #expect(network.reply(to: clone.renew("192.168.64.3"), on: 11)?.type == .acknowledge)
        #expect(network.lease(to: original) == "192.168.64.2")
        #expect(network.lease(to: clone) == "192.168.64.3")
    }

    @Test func `clones behind one port get addresses of their own`() throws {
        let network = try TestNetwork()
        var nested = clone
        nested.port = original.port
        #expect(network.lease(to: original) == "192.168.64.2")
        #expect(network.lease(to: nested) == "192.168.64.3")
    }

    @Test func `a clone cannot restart with the original's address`() throws {
        let network = try TestNetwork()
        _ = network.lease(to: original)
        #expect(network.reply(to: clone.reboot("192.168.64.2"), on: 11)?.type == .refuse)
    }

    @Test func `clones keep their addresses over a restart of the server`() throws {
        let network = try TestNetwork()
        _ = network.lease(to: original)
        _ = network.lease(to: clone)
        let restarted = try network.restarted()
        #expect(restarted.lease(to: clone) == "192.168.64.3")
        #expect(restarted.lease(to: original) == "192.168.64.2")
    }

    @Test func `a clone gets an address of its own when the server has not seen the original since it began`() throws {
        let network = try TestNetwork()
        _ = network.lease(to: original)
        let restarted = try network.restarted()
        #expect(restarted.lease(to: clone) == "192.168.64.3")
        restarted.elapsed = 3600
        var third = clone
        third.hardwareAddress = "52:54:00:00:00:0c"
        third.port = 12
        #expect(restarted.reply(to: original.renew("192.168.64.2"), on: 10)?.type == .acknowledge)
        #expect(restarted.lease(to: third) == "192.168.64.4")
    }

    @Test func `a machine with a new network card keeps its address`() throws {
        let network = try TestNetwork()
        _ = network.lease(to: original)
        network.detach(original.port)
        #expect(network.lease(to: clone) == "192.168.64.2")
        #expect(network.server.leases.map(\.hardwareAddress) == [clone.hardwareAddress])
    }

    @Test func `a machine id at an address that is still in use elsewhere is another client`() throws {
        let network = try TestNetwork()
        _ = network.lease(to: original)
        network.detach(original.port)
        network.neighbours["192.168.64.2"] = original.hardwareAddress
        #expect(network.lease(to: clone) == "192.168.64.3")
    }

    @Test func `different identifiers at one hardware address are different clients`() throws {
        let network = try TestNetwork()
        var container = original
        container.identifier = DHCPClientIdentifier(bytes: [0, 1, 2, 3])
        #expect(network.lease(to: original) == "192.168.64.2")
        #expect(network.lease(to: container) == "192.168.64.3")
    }

    @Test func `a boot loader that sends its MAC as identifier and a system that sends none are one client`() throws {
        let network = try TestNetwork()
        let mac: MACAddress = "52:54:00:12:34:56"
        #expect(network.lease(to: Guest(mac, identifier: DHCPClientIdentifier(ethernet: mac))) == "192.168.64.2")
        #expect(network.lease(to: Guest(mac)) == "192.168.64.2")
    }

    @Test func `a station that moves to another port takes its lease along`() throws {
        let network = try TestNetwork()
        var guest = Guest("52:54:00:12:34:56", port: 1)
        #expect(network.lease(to: guest) == "192.168.64.2")
        guest.port = 2
        #expect(network.lease(to: guest) == "192.168.64.2")
        network.detach(1)
        network.elapsed = 100_000
        #expect(network.lease(to: .numbered(9)) == "192.168.64.3")
        #expect(network.server.leaseCounts.leased == 2)
    }

    @Test func `nobody speaks for a station that is attached elsewhere`() throws {
        let network = try TestNetwork()
        let guest = Guest("52:54:00:12:34:56", port: 1)
        _ = network.lease(to: guest)
        let evil: MACAddress = "52:54:00:66:66:66"
        #expect(network.silence(to: guest.discover(), on: 2, source: evil)?.reason == .spoofed)
        #expect(network.silence(to: guest.release("192.168.64.2"), on: 2, source: evil)?.reason == .spoofed)
        // Not even with its hardware address: a station that has moved asks before it releases.
        #expect(network.silence(to: guest.release("192.168.64.2"), on: 2)?.reason == .spoofed)
        #expect(network.silence(to: guest.decline("192.168.64.2"), on: 2)?.reason == .spoofed)
        #expect(network.server.leaseCounts.leased == 1)
        #expect(network.silence(to: guest.release("192.168.64.2"), on: 1)?.reason == .released)
    }

    @Test func `a relay's clients are not attached to the relay's port`() throws {
        let network = try TestNetwork()
        func relayed(_ message: DHCPMessage) -> DHCPMessage {
            var message = message
            message.relayAddress = "192.168.64.20"
            return message
        }
        let relay: MACAddress = "52:54:00:00:99:99"
        #expect(network.reply(to: relayed(original.discover()), on: 5, source: relay)?.yourAddress == "192.168.64.2")
        _ = network.reply(to: relayed(original.select("192.168.64.2")), on: 5, source: relay)
        #expect(network.server.leaseCounts.leased == 1)
        network.elapsed = 3600
        _ = network.offer(to: .numbered(9))
        #expect(network.server.leaseCounts.leased == 0)
    }
}
