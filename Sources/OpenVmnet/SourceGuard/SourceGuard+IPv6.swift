import VmnetNAT
import VmnetSwitch
import VmnetWire

/// IPv6, where guests choose their addresses themselves: on the link, and under the network's prefix.
extension SourceGuard {
    mutating func judgeIPv6(_ frame: Span<UInt8>, _ station: MACAddress, _ port: PortID) -> Judgement {
        let packet = frame.extracting(droppingFirst: EthernetHeader.byteCount)
        guard let header = try? IPv6Header(parsing: packet) else { return .drop(.malformed) }
        let message = Self.icmpMessage(in: packet, header)
        guard header.source != .any else {
            // Without an address, a guest may ask whether somebody uses the one that it is about to (RFC 4862, 5.4.2).
            guard let message, message.count >= 24, packet[message.lowerBound] == ICMPHeader.V6.neighborSolicitation,
                header.hopLimit == 255
            else { return .drop(.spoofed) }
            return .pass
        }
        guard mayBeGuest(header.source), addressOwners.take(header.source, for: port) else { return .drop(.spoofed) }
        guard let message else { return .pass }
        return judgeNeighborDiscovery(packet.extracting(message), station, port)
    }

    /// What a message says of addresses is held to the same: an advertised one is the guest's own, and the station that it
    /// names is the guest's.
    private mutating func judgeNeighborDiscovery(
        _ message: Span<UInt8>, _ station: MACAddress, _ port: PortID
    ) -> Judgement {
        let fixed: Int
        switch message[0] {
        case ICMPHeader.V6.routerSolicitation: fixed = 8
        case ICMPHeader.V6.routerAdvertisement: fixed = 16
        case ICMPHeader.V6.neighborSolicitation, ICMPHeader.V6.neighborAdvertisement: fixed = 24
        default: return .pass
        }
        guard message.count >= fixed else { return .drop(.malformed) }
        if message[0] == ICMPHeader.V6.neighborAdvertisement {
            let target = IPv6Address(high: message.be64(at: 8), low: message.be64(at: 16))
            guard mayBeGuest(target), addressOwners.take(target, for: port) else { return .drop(.spoofed) }
        }
        return Self.names(only: station, in: message.extracting(droppingFirst: fixed)) ? .pass : .drop(.spoofed)
    }

    /// Whether every link-layer address option is the station's (RFC 4861, 4.6.1). Options end where one has no length.
    private static func names(only station: MACAddress, in options: Span<UInt8>) -> Bool {
        var offset = 0
        while offset + 8 <= options.count, options[offset + 1] > 0 {
            let isAddress = options[offset] == 1 || options[offset] == 2
            guard !isAddress || options.be48(at: offset + 2) == station.bits else { return false }
            offset += Int(options[offset + 1]) * 8
        }
        return true
    }

    /// Whether the address is one that a guest may choose.
    private func mayBeGuest(_ address: IPv6Address) -> Bool {
        guard let addresses6 else { return address.isLinkLocal }
        if address.isLinkLocal { return address != addresses6.linkLocal }
        return addresses6.contains(address) && address != addresses6.gateway && address != addresses6.resolver
    }

    /// Where a packet has its ICMPv6 message, from the type on, behind whatever extension headers there are (RFC 8200, 4.1); nil
    /// for another packet. Nobody takes neighbour discovery from fragments (RFC 6980).
    private static func icmpMessage(in packet: Span<UInt8>, _ header: IPv6Header) -> Range<Int>? {
        let end = IPv6Header.byteCount + header.payloadLength
        var (next, offset) = (header.nextHeader.rawValue, IPv6Header.byteCount)
        // Hop-by-hop options, routing, destination options.
        while next == 0 || next == 43 || next == 60, offset + 8 <= end {
            next = packet[offset]
            offset += (Int(packet[offset + 1]) + 1) * 8
        }
        guard next == IPProtocol.icmpv6.rawValue, offset < end else { return nil }
        return offset..<end
    }
}
