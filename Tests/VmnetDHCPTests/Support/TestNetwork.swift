import VmnetDHCP
import VmnetTesting
import VmnetWire

/// A server on a network with guests from .2 to .20, and the time on its clock.
final class TestNetwork {
    static let gateway: IPv4Address = "192.168.64.1"
    static let gatewayMAC: MACAddress = "52:54:00:00:00:01"
    static let start: Int64 = 1_800_000_000

    var server: DHCPServer
    /// Seconds since `start`.
    var elapsed: Int64 = 0
    /// Who uses which address, as ARP would tell.
    var neighbours: [IPv4Address: MACAddress] = [:]
    /// Everything that was to be journaled.
    var changes: [LeaseChange] = []

    /// - Parameter last: the last address of the pool, which begins at .2.
    init(
        last: IPv4Address = "192.168.64.20", restoring leases: [Lease] = [],
        configure: (inout DHCPServerConfiguration) throws -> Void = { _ in }
    ) throws {
        var configuration = try DHCPServerConfiguration(gateway: Self.gateway, last: last, mask: "255.255.255.0")
        try configure(&configuration)
        server = DHCPServer(configuration: configuration, restoring: leases, now: Self.time(0))
    }

    static func time(_ elapsed: Int64) -> LeaseTime { LeaseTime(secondsSince1970: start + elapsed) }

    var now: LeaseTime { Self.time(elapsed) }

    func answer(to message: DHCPMessage, on port: UInt32 = 1, source: MACAddress? = nil) -> DHCPAnswer {
        let origin = DHCPOrigin(
            attachment: DHCPAttachment(rawValue: port), source: source ?? message.hardwareAddress)
        let answer = server.answer(message, from: origin, now: now) { neighbours[$0] }
        changes += server.takeChanges()
        return answer
    }

    /// The message of the reply; nil when there is none.
    func reply(to message: DHCPMessage, on port: UInt32 = 1, source: MACAddress? = nil) -> DHCPMessage? {
        guard case .reply(let reply) = answer(to: message, on: port, source: source) else { return nil }
        return reply.message
    }

    /// Why there was no reply; nil when there was one.
    func silence(to message: DHCPMessage, on port: UInt32 = 1, source: MACAddress? = nil) -> DHCPSilence? {
        guard case .silence(let silence) = answer(to: message, on: port, source: source) else { return nil }
        return silence
    }

    func offer(to guest: Guest) -> IPv4Address? {
        reply(to: guest.discover(), on: guest.port)?.yourAddress
    }

    /// The address that the guest gets by a four-way exchange; nil when any of it fails.
    func lease(to guest: Guest) -> IPv4Address? {
        guard let address = offer(to: guest),
            let reply = reply(to: guest.select(address), on: guest.port), reply.type == .acknowledge
        else { return nil }
        return reply.yourAddress
    }

    func detach(_ port: UInt32) {
        server.detach(DHCPAttachment(rawValue: port), now: now)
        changes += server.takeChanges()
    }

    /// A server that has read what this one wrote.
    func restarted(configure: (inout DHCPServerConfiguration) throws -> Void = { _ in }) throws -> TestNetwork {
        var file = LeaseFile()
        file.read(Array(LeaseFile.text(of: changes).utf8).span)
        var configuration = server.configuration
        try configure(&configuration)
        let network = try TestNetwork()
        network.server = DHCPServer(configuration: configuration, restoring: file.leases, now: now)
        network.elapsed = elapsed
        return network
    }
}

/// A guest, and the messages that one sends.
struct Guest {
    var hardwareAddress: MACAddress
    var identifier: DHCPClientIdentifier?
    var hostName: String?
    /// The switch's port that it is attached to.
    var port: UInt32

    init(
        _ hardwareAddress: MACAddress, identifier: DHCPClientIdentifier? = nil, hostName: String? = nil,
        port: UInt32 = 1
    ) {
        self.hardwareAddress = hardwareAddress
        self.identifier = identifier
        self.hostName = hostName
        self.port = port
    }

    /// The n-th of many, each on a port of its own.
    static func numbered(_ number: Int) -> Guest {
        Guest(MACAddress(bits: 0x5254_0012_0000 + UInt64(number)), port: UInt32(number))
    }

    func message(_ type: DHCPMessageType?) -> DHCPMessage {
        var message = DHCPMessage(operation: .request, transactionID: 0x3903_f326, hardwareAddress: hardwareAddress)
        message.type = type
        message.options[.clientIdentifier] = identifier
        message.options[.hostName] = hostName
        return message
    }

    func discover(_ configure: (inout DHCPMessage) -> Void = { _ in }) -> DHCPMessage {
        var message = message(.discover)
        configure(&message)
        return message
    }

    /// A REQUEST in state SELECTING.
    func select(_ address: IPv4Address, from server: IPv4Address = TestNetwork.gateway) -> DHCPMessage {
        var message = message(.request)
        message.options[.requestedAddress] = address
        message.options[.serverIdentifier] = server
        return message
    }

    /// A REQUEST in state INIT-REBOOT.
    func reboot(_ address: IPv4Address) -> DHCPMessage {
        var message = message(.request)
        message.options[.requestedAddress] = address
        return message
    }

    /// A REQUEST in state RENEWING or REBINDING.
    func renew(_ address: IPv4Address) -> DHCPMessage {
        var message = message(.request)
        message.clientAddress = address
        return message
    }

    func release(_ address: IPv4Address) -> DHCPMessage {
        var message = message(.release)
        message.clientAddress = address
        message.options[.serverIdentifier] = TestNetwork.gateway
        return message
    }

    func decline(_ address: IPv4Address) -> DHCPMessage {
        var message = message(.decline)
        message.options[.requestedAddress] = address
        message.options[.serverIdentifier] = TestNetwork.gateway
        return message
    }

    func inform(_ address: IPv4Address) -> DHCPMessage {
        var message = message(.inform)
        message.clientAddress = address
        return message
    }
}
