import VmnetWire

/// What replies say, and where they go.
extension DHCPServer {
    /// Below this a client would spend its time renewing.
    private static let shortestLease = DHCPDuration(seconds: 60)

    /// What the client asks for, within bounds.
    func leaseDuration(_ exchange: DHCPExchange) -> DHCPDuration {
        let asked = exchange.message.options[.leaseTime] ?? configuration.leaseDuration
        return min(max(asked, Self.shortestLease), configuration.leaseDuration)
    }

    /// The reservation's name, else what the client calls itself, else what it called itself before.
    func hostName(_ exchange: DHCPExchange) -> HostName? {
        let options = exchange.message.options
        return reservation(for: exchange.client)?.hostName
            ?? (options[.hostName] ?? options[.clientFQDN]?.name).flatMap(HostName.init(sanitizing:))
            ?? table.binding(of: exchange.client)?.lease.hostName
    }

    /// An OFFER, or the ACK that makes a lease.
    func grant(
        _ type: DHCPMessageType, _ address: IPv4Address, _ exchange: DHCPExchange, for duration: DHCPDuration,
        isRapid: Bool = false
    ) -> DHCPReply {
        var message = describing(exchange, as: type)
        message.yourAddress = address
        message.clientAddress = type == .acknowledge ? exchange.message.clientAddress : .any
        message.options[.leaseTime] = duration
        message.options[.renewalTime] = duration.half
        message.options[.rebindingTime] = duration.sevenEighths
        message.options[.rapidCommit] = isRapid ? true : nil
        return reply(message, exchange)
    }

    /// The ACK to an INFORM: configuration without an address (RFC 2131, 4.3.5).
    func describe(_ exchange: DHCPExchange) -> DHCPReply {
        var message = describing(exchange, as: .acknowledge)
        message.clientAddress = exchange.message.clientAddress
        return reply(message, exchange)
    }

    /// A NAK (RFC 2131, 4.3.2). A relay is asked to broadcast it: the client has no address that it should use.
    func refuse(_ exchange: DHCPExchange) -> DHCPReply {
        var message = addressed(exchange, as: .refuse)
        message.options[.message] = "address not available"
        if exchange.isRelayed { message.wantsBroadcast = true }
        return reply(message, exchange)
    }

    /// A BOOTREPLY. It has the options of RFC 1497, for which there are 64 bytes.
    func grantBootp(_ address: IPv4Address, _ exchange: DHCPExchange) -> DHCPReply {
        var message = DHCPMessage(replyingTo: exchange.message)
        message.yourAddress = address
        message.options = parameters.options(requested: [.domainName])
        message.options[.hostName] = hostName(exchange)?.text
        return DHCPReply(
            message: message, destination: destination(of: message, exchange), limit: DHCPMessage.minimumByteCount,
            priority: [.subnetMask, .routers, .domainNameServers], mayOverload: false)
    }

    /// A message with what every reply has.
    private func addressed(_ exchange: DHCPExchange, as type: DHCPMessageType) -> DHCPMessage {
        var message = DHCPMessage(replyingTo: exchange.message)
        message.type = type
        message.options[.serverIdentifier] = configuration.gateway
        // RFC 6842, section 3, and RFC 3046, 2.2.
        for code in [DHCPOptionCode.clientIdentifier, .relayAgentInformation] {
            message.options[raw: code] = exchange.message.options[raw: code]
        }
        return message
    }

    /// A message with the network's configuration.
    private func describing(_ exchange: DHCPExchange, as type: DHCPMessageType) -> DHCPMessage {
        let request = exchange.message
        let requested = (request.options[.parameterRequestList] ?? []).prefix(255)
        var message = addressed(exchange, as: type)
        message.options.merge(parameters.options(requested: requested))
        if requested.contains(.hostName) { message.options[.hostName] = hostName(exchange)?.text }
        message.options[.clientFQDN] = request.options[.clientFQDN].map { fullName($0, exchange) }
        // "Do not invent a link-local address" (RFC 2563, 2.3), to clients that would.
        message.options[.autoConfigure] = request.options[.autoConfigure].map { _ in 0 }
        return message
    }

    /// The name that the client has here, and who makes it known (RFC 4702, section 4).
    private func fullName(_ asked: DHCPClientFQDN, _ exchange: DHCPExchange) -> DHCPClientFQDN {
        var flags: DHCPClientFQDN.Flags = configuration.namesLeases ? .serverUpdates : .noUpdates
        if asked.flags.contains(.encoded) { flags.insert(.encoded) }
        if asked.flags.contains(.serverUpdates) != configuration.namesLeases { flags.insert(.overridden) }
        let host = hostName(exchange)?.text ?? ""
        guard let domain = configuration.domainName, !host.isEmpty else {
            return DHCPClientFQDN(flags: flags, name: host)
        }
        return DHCPClientFQDN(flags: flags, name: "\(host).\(domain).")
    }

    private func reply(_ message: DHCPMessage, _ exchange: DHCPExchange) -> DHCPReply {
        let requested = (exchange.message.options[.parameterRequestList] ?? []).prefix(255)
        return DHCPReply(
            message: message, destination: destination(of: message, exchange), limit: limit(exchange.message),
            priority: Self.priority + requested, mayOverload: true)
    }

    /// What a client cannot do without.
    private static let priority: [DHCPOptionCode] = [
        .serverIdentifier, .leaseTime, .renewalTime, .rebindingTime, .subnetMask, .routers, .domainNameServers,
        .interfaceMTU, .clientIdentifier, .rapidCommit, .autoConfigure,
    ]

    /// Bytes of the message: the IP datagram is to fit what the client can take, 576 bytes when it does not say
    /// (RFC 2131, section 2), and the link. Some firmware states sizes that no link has.
    private func limit(_ request: DHCPMessage) -> Int {
        let stated = max(Int(request.options[.maximumMessageSize] ?? 576), 576)
        return min(stated, configuration.mtu) - IPv4Header.byteCount - UDPHeader.byteCount
    }

    /// RFC 2131, 4.1. The Ethernet address is the client's own: it does not answer ARP yet.
    private func destination(of message: DHCPMessage, _ exchange: DHCPExchange) -> DHCPReply.Destination {
        let request = exchange.message
        func client(_ hardwareAddress: MACAddress, _ address: IPv4Address) -> DHCPReply.Destination {
            DHCPReply.Destination(hardwareAddress: hardwareAddress, address: address, port: DHCPPort.client)
        }
        if exchange.isRelayed {
            return DHCPReply.Destination(
                hardwareAddress: exchange.origin.source, address: request.relayAddress, port: DHCPPort.server)
        }
        if message.type == .refuse { return client(.broadcast, .broadcast) }
        if request.clientAddress != .any { return client(request.hardwareAddress, request.clientAddress) }
        if request.wantsBroadcast { return client(.broadcast, .broadcast) }
        return client(request.hardwareAddress, message.yourAddress)
    }
}
