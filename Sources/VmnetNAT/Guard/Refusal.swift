import VmnetWire

/// How the guest learns that policy refuses a packet, so that its programs fail at once instead of after a timeout.
package enum Refusal: Equatable {
    /// TCP: connection refused.
    case reset
    /// ICMP or ICMPv6: communication administratively prohibited.
    case prohibited
    /// ICMP or ICMPv6: the packet's hop limit ends at the gateway.
    case timeExceeded
    /// ICMP "fragmentation needed" or ICMPv6 "packet too big": the next link takes packets of so many bytes only.
    case packetTooBig(mtu: UInt16)
}

extension Refusal {
    /// Bytes of the refused packet that an ICMP error quotes: all its headers, and far from the least MTU.
    private static let quotedByteCount = 128

    /// The frame that answers `frame`; nil when it must not be answered: no error about an error, a reset or a group
    /// (RFC 1122, 3.2.2), and none about what cannot be parsed.
    ///
    /// - Parameters:
    ///   - gateway: the address that ICMP errors come from.
    ///   - gateway6: the same for IPv6; nil without IPv6.
    func answer(
        to frame: Span<UInt8>, gatewayMAC: MACAddress, gateway: IPv4Address, gateway6: IPv6Address?
    ) -> [UInt8]? {
        guard let ethernet = try? EthernetHeader(parsing: frame) else { return nil }
        let reply = EthernetHeader(destination: ethernet.source, source: gatewayMAC, type: ethernet.type)
        let packet = frame.extracting(droppingFirst: EthernetHeader.byteCount)
        switch ethernet.type {
        case .ipv4:
            guard let header = try? IPv4Header(parsing: packet) else { return nil }
            return answer(to: packet.extracting(first: Int(header.totalLength)), header, reply, from: gateway)
        case .ipv6:
            guard let gateway6, let header = try? IPv6Header(parsing: packet) else { return nil }
            let byteCount = IPv6Header.byteCount + header.payloadLength
            return answer(to: packet.extracting(first: byteCount), header, reply, from: gateway6)
        default: return nil
        }
    }

    /// The same where there is no gateway: in the name of the station that the packet is for, at its addresses. None to
    /// what was sent to a group of stations.
    package func answer(inNameOfDestinationTo frame: Span<UInt8>) -> [UInt8]? {
        guard let ethernet = try? EthernetHeader(parsing: frame), !ethernet.destination.isMulticast else { return nil }
        let packet = frame.extracting(droppingFirst: EthernetHeader.byteCount)
        let gateway = (try? IPv4Header(parsing: packet))?.destination ?? .any
        let gateway6 = (try? IPv6Header(parsing: packet))?.destination
        return answer(to: frame, gatewayMAC: ethernet.destination, gateway: gateway, gateway6: gateway6)
    }

    private func answer(
        to packet: Span<UInt8>, _ header: IPv4Header, _ ethernet: EthernetHeader, from gateway: IPv4Address
    ) -> [UInt8]? {
        let payload = packet.extracting(droppingFirst: header.headerLength)
        let (proto, source, message): (IPProtocol, IPv4Address, [UInt8])
        if self == .reset {
            guard let segment = Self.resetting(payload) else { return nil }
            (proto, source, message) = (.tcp, header.destination, segment)
        } else {
            guard header.fragmentOffset == 0, !header.destination.isMulticast, header.destination != .broadcast,
                header.proto != .icmp || payload.count > 0 && !ICMPHeader.V4.isError(payload[0])
            else { return nil }
            (proto, source, message) = (.icmp, gateway, Self.error(error, quoting: packet))
        }
        var sum = InternetChecksum()
        if proto == .tcp {
            sum.addPseudoHeader(source: source, destination: header.source, proto: proto, length: message.count)
        }
        let packetHeader = IPv4Header(
            proto: proto, source: source, destination: header.source, payloadLength: message.count)
        return [UInt8](capacity: EthernetHeader.byteCount + IPv4Header.byteCount + message.count) { output in
            ethernet.write(to: &output)
            packetHeader.write(to: &output)
            output.append(Self.completing(message, sum, proto).span)
        }
    }

    private func answer(
        to packet: Span<UInt8>, _ header: IPv6Header, _ ethernet: EthernetHeader, from gateway: IPv6Address
    ) -> [UInt8]? {
        let payload = packet.extracting(droppingFirst: IPv6Header.byteCount)
        let (proto, source, message): (IPProtocol, IPv6Address, [UInt8])
        if self == .reset {
            guard let segment = Self.resetting(payload) else { return nil }
            (proto, source, message) = (.tcp, header.destination, segment)
        } else {
            // Errors have the types below 128 (RFC 4443, 2.1).
            guard !header.destination.isMulticast,
                header.nextHeader != .icmpv6 || payload.count > 0 && payload[0] >= 128
            else { return nil }
            (proto, source, message) = (.icmpv6, gateway, Self.error(error6, quoting: packet))
        }
        var sum = InternetChecksum()
        sum.addPseudoHeader(source: source, destination: header.source, proto: proto, length: message.count)
        let packetHeader = IPv6Header(
            nextHeader: proto, source: source, destination: header.source, payloadLength: message.count)
        return [UInt8](capacity: EthernetHeader.byteCount + IPv6Header.byteCount + message.count) { output in
            ethernet.write(to: &output)
            packetHeader.write(to: &output)
            output.append(Self.completing(message, sum, proto).span)
        }
    }

    /// The reset that answers a segment to a port where nobody listens (RFC 9293, 3.10.7.1).
    private static func resetting(_ payload: Span<UInt8>) -> [UInt8]? {
        guard let header = try? TCPHeader(parsing: payload), !header.flags.contains(.rst) else { return nil }
        var reply = TCPHeader(
            sourcePort: header.destinationPort, destinationPort: header.sourcePort, sequence: header.acknowledgement,
            acknowledgement: 0, flags: .rst, window: 0)
        if !header.flags.contains(.ack) {
            let controls = (header.flags.contains(.syn) ? 1 : 0) + (header.flags.contains(.fin) ? 1 : 0)
            let length = payload.count - header.headerLength + controls
            reply.sequence = 0
            reply.acknowledgement = header.sequence &+ UInt32(truncatingIfNeeded: length)
            reply.flags = [.rst, .ack]
        }
        return [UInt8](capacity: TCPHeader.byteCount) { reply.write(to: &$0) }
    }

    /// The ICMP error that says it.
    private var error: ICMPHeader {
        let unreachable = ICMPHeader.V4.destinationUnreachable
        return switch self {
        case .timeExceeded: ICMPHeader(type: ICMPHeader.V4.timeExceeded, code: 0)
        case .packetTooBig(let mtu):
            ICMPHeader(type: unreachable, code: ICMPHeader.V4.fragmentationNeeded, rest: UInt32(mtu))
        case .prohibited, .reset: ICMPHeader(type: unreachable, code: ICMPHeader.V4.administrativelyProhibited)
        }
    }

    /// The same for IPv6.
    private var error6: ICMPHeader {
        switch self {
        case .timeExceeded: ICMPHeader(type: ICMPHeader.V6.timeExceeded, code: 0)
        case .packetTooBig(let mtu): ICMPHeader(type: ICMPHeader.V6.packetTooBig, code: 0, rest: UInt32(mtu))
        case .prohibited, .reset:
            ICMPHeader(type: ICMPHeader.V6.destinationUnreachable, code: ICMPHeader.V6.administrativelyProhibited)
        }
    }

    private static func error(_ header: ICMPHeader, quoting packet: Span<UInt8>) -> [UInt8] {
        let quoted = packet.extracting(first: min(packet.count, quotedByteCount))
        return [UInt8](capacity: ICMPHeader.byteCount + quoted.count) { output in
            header.write(to: &output)
            output.append(quoted)
        }
    }

    /// The message with its checksum; `sum` holds the pseudo-header's part.
    private static func completing(_ message: [UInt8], _ sum: InternetChecksum, _ proto: IPProtocol) -> [UInt8] {
        var sum = sum
        sum.add(message.span)
        var message = message
        let offset = proto == .tcp ? 16 : 2
        message[offset] = UInt8(truncatingIfNeeded: sum.finished >> 8)
        message[offset + 1] = UInt8(truncatingIfNeeded: sum.finished)
        return message
    }
}
