import VmnetWire

/// What becomes of a message, by its type.
extension DHCPServer {
    /// Why the message is not looked at any further.
    func refusal(_ exchange: DHCPExchange) -> DHCPSilence? {
        let message = exchange.message
        guard message.operation == .request else { return DHCPSilence(.notARequest) }
        guard !message.hardwareAddress.isMulticast, message.hardwareAddress != .zero else {
            return DHCPSilence(.malformed)
        }
        guard !exchange.isRelayed || isOnLink(message.relayAddress) else { return DHCPSilence(.foreignRelay) }
        return isCredible(exchange) ? nil : DHCPSilence(.spoofed)
    }

    /// For a station that is attached elsewhere, only a frame that comes from the station itself speaks: it has moved.
    /// Nothing ends its lease from there.
    private func isCredible(_ exchange: DHCPExchange) -> Bool {
        let message = exchange.message
        guard let home = table.attachment(of: message.hardwareAddress), home != exchange.origin.attachment else {
            return true
        }
        let endsLease = message.type == .release || message.type == .decline
        return exchange.origin.source == message.hardwareAddress && !endsLease
    }

    mutating func decide(_ exchange: DHCPExchange, _ neighbour: NeighbourLookup) -> DHCPAnswer {
        switch exchange.message.type {
        case .discover: discover(exchange, neighbour)
        case .request: request(exchange, neighbour)
        case .decline: decline(exchange)
        case .release: release(exchange)
        case .inform: inform(exchange)
        case nil: bootp(exchange, neighbour)
        default: .silence(DHCPSilence(.unsupported))
        }
    }

    private mutating func discover(_ exchange: DHCPExchange, _ neighbour: NeighbourLookup) -> DHCPAnswer {
        guard let address = choose(exchange, neighbour) else { return exhausted() }
        let duration = leaseDuration(exchange)
        if configuration.allowsRapidCommit, exchange.message.options[.rapidCommit] != nil {
            guard bind(address, exchange, for: duration) else { return exhausted() }
            return .reply(grant(.acknowledge, address, exchange, for: duration, isRapid: true))
        }
        guard offer(address, exchange) else { return exhausted() }
        return .reply(grant(.offer, address, exchange, for: duration))
    }

    /// The client has chosen (SELECTING), restarted (INIT-REBOOT), or wants to go on (RENEWING, REBINDING): RFC 2131,
    /// 4.3.2. It gets the address when it may have it, and is told to begin anew when it may not; being authoritative,
    /// the server says so for addresses of another network too, and in place of a record that was lost.
    private mutating func request(_ exchange: DHCPExchange, _ neighbour: NeighbourLookup) -> DHCPAnswer {
        let message = exchange.message
        let server = message.options[.serverIdentifier]
        guard server == nil || server == configuration.gateway else {
            table.withdrawOffer(to: exchange.client)
            return .silence(DHCPSilence(.otherServer))
        }
        let requested = message.options[.requestedAddress]
        let current = message.clientAddress == .any ? nil : message.clientAddress
        guard let address = server == nil ? current ?? requested : requested ?? current else {
            return .silence(DHCPSilence(.malformed))
        }
        let duration = leaseDuration(exchange)
        guard mayHave(address, exchange, neighbour), bind(address, exchange, for: duration) else {
            return .reply(refuse(exchange))
        }
        return .reply(grant(.acknowledge, address, exchange, for: duration))
    }

    private mutating func decline(_ exchange: DHCPExchange) -> DHCPAnswer {
        let message = exchange.message
        guard let address = message.options[.requestedAddress] else { return .silence(DHCPSilence(.malformed)) }
        guard let own = table.binding(of: exchange.client), own.lease.address == address,
            own.state == .offered || own.state == .leased
        else { return .silence(DHCPSilence(.unknownLease, address: address)) }
        if configuration.limitsStationsToOneAddress {
            table.withdrawOffer(to: exchange.client)
            table.release(address, now: exchange.now)
            return .silence(DHCPSilence(.declined, address: address))
        }
        quarantine(address, exchange)
        // A guest that declines everything is news for a while only.
        return .silence(DHCPSilence(.declined, address: address, isNews: table.count(.quarantined) <= 16))
    }

    private mutating func release(_ exchange: DHCPExchange) -> DHCPAnswer {
        let address = exchange.message.clientAddress
        guard let own = table.binding(of: exchange.client), own.lease.address == address, own.state == .leased else {
            return .silence(DHCPSilence(.unknownLease, address: address))
        }
        table.release(address, now: exchange.now)
        return .silence(DHCPSilence(.released, address: address))
    }

    private func inform(_ exchange: DHCPExchange) -> DHCPAnswer {
        let address = exchange.message.clientAddress
        guard isOnLink(address) else { return .silence(DHCPSilence(.foreignAddress, address: address)) }
        return .reply(describe(exchange))
    }

    /// A BOOTP client knows neither offers nor leases (RFC 951; RFC 1534, section 2).
    private mutating func bootp(_ exchange: DHCPExchange, _ neighbour: NeighbourLookup) -> DHCPAnswer {
        guard let address = choose(exchange, neighbour), bind(address, exchange, for: configuration.bootpLeaseDuration)
        else { return exhausted() }
        return .reply(grantBootp(address, exchange))
    }

    private mutating func exhausted() -> DHCPAnswer {
        defer { isPoolExhausted = true }
        return .silence(DHCPSilence(.poolExhausted, isNews: !isPoolExhausted))
    }
}
