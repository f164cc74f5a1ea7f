package import VmnetWire

/// Frames from one station to another, with right lengths and checksums unless a test asks for others.
///
/// ```
/// let guest = FrameBuilder(from: "52:54:00:12:34:56", to: "52:54:00:00:00:01")
/// let query = guest.udp(from: "192.168.64.2:1025", to: "192.168.64.1:53", payload: question)
/// ```
///
/// Each method returns a whole Ethernet frame. The two addresses of one call are of the same version.
package struct FrameBuilder: Sendable {
    package var source: MACAddress
    package var destination: MACAddress

    /// What a UDP, TCP or ICMP checksum field holds.
    package enum Checksum: Sendable {
        case correct
        /// Something else.
        case wrong
        /// Zero: for UDP over IPv4, none.
        case zero
        /// The pseudo-header's sum alone, for a frame whose offload descriptor says `needsChecksum`.
        case partial
    }

    package init(from source: MACAddress, to destination: MACAddress) {
        self.source = source
        self.destination = destination
    }

    /// Anything behind an Ethernet header.
    package func ethernet(_ type: EtherType, payload: [UInt8]) -> [UInt8] {
        let header = EthernetHeader(destination: destination, source: source, type: type)
        return [UInt8](capacity: EthernetHeader.byteCount) { header.write(to: &$0) } + payload
    }

    package func arp(_ packet: ARPPacket) -> [UInt8] {
        ethernet(.arp, payload: [UInt8](capacity: ARPPacket.byteCount) { packet.write(to: &$0) })
    }

    /// Who has `target`? Sent to this builder's destination, which is usually the broadcast address.
    package func arpRequest(from sender: IPv4Address, for target: IPv4Address) -> [UInt8] {
        arp(
            ARPPacket(
                operation: .request, senderMAC: source, senderAddress: sender, targetMAC: .zero, targetAddress: target))
    }

    /// A packet of any protocol, of the version of its addresses.
    package func ip(
        from: IPAddress, to: IPAddress, proto: IPProtocol, timeToLive: UInt8 = 64, payload: [UInt8]
    ) -> [UInt8] {
        switch (from, to) {
        case (.v4(let from), .v4(let to)):
            ipv4(
                IPv4Header(
                    proto: proto, source: from, destination: to, payloadLength: payload.count, timeToLive: timeToLive),
                payload: payload)
        case (.v6(let from), .v6(let to)):
            ipv6(
                IPv6Header(
                    nextHeader: proto, source: from, destination: to, payloadLength: payload.count,
                    hopLimit: timeToLive),
                payload: payload)
        default: preconditionFailure("addresses of two versions")
        }
    }

    /// The header as it is, its lengths, fragment fields and all, with `options` (a multiple of 4 bytes) counted in.
    package func ipv4(_ header: IPv4Header, options: [UInt8] = [], payload: [UInt8]) -> [UInt8] {
        precondition(options.count.isMultiple(of: 4) && options.count <= 40, "IPv4 options of \(options.count) bytes")
        var header = header
        header.totalLength += UInt16(options.count)
        var bytes = [UInt8](capacity: IPv4Header.byteCount) { header.write(to: &$0) } + options
        bytes[0] += UInt8(options.count / 4)
        bytes.store(be16: 0, at: 10)
        bytes.store(be16: InternetChecksum.of(bytes.span), at: 10)
        return ethernet(.ipv4, payload: bytes + payload)
    }

    /// The header as it is; extension headers are part of `payload`.
    package func ipv6(_ header: IPv6Header, payload: [UInt8]) -> [UInt8] {
        ethernet(.ipv6, payload: [UInt8](capacity: IPv6Header.byteCount) { header.write(to: &$0) } + payload)
    }

    package func udp(
        from: Endpoint, to: Endpoint, timeToLive: UInt8 = 64, checksum: Checksum = .correct, payload: [UInt8]
    ) -> [UInt8] {
        let header = UDPHeader(sourcePort: from.port, destinationPort: to.port, payloadLength: payload.count)
        var datagram = [UInt8](capacity: UDPHeader.byteCount) { header.write(to: &$0) } + payload
        datagram.store(checksum, at: 6, proto: .udp, from: from.address, to: to.address)
        return ip(from: from.address, to: to.address, proto: .udp, timeToLive: timeToLive, payload: datagram)
    }

    /// `options` are a multiple of 4 bytes, 40 at most.
    package func tcp(
        from: Endpoint, to: Endpoint, flags: TCPHeader.Flags, sequence: UInt32 = 0, acknowledgement: UInt32 = 0,
        window: UInt16 = 65535, options: [UInt8] = [], checksum: Checksum = .correct, payload: [UInt8] = []
    ) -> [UInt8] {
        precondition(options.count.isMultiple(of: 4) && options.count <= 40, "TCP options of \(options.count) bytes")
        let header = TCPHeader(
            sourcePort: from.port, destinationPort: to.port, sequence: sequence, acknowledgement: acknowledgement,
            flags: flags, window: window)
        var segment = [UInt8](capacity: TCPHeader.byteCount) { header.write(to: &$0) } + options + payload
        segment[12] = UInt8((TCPHeader.byteCount + options.count) / 4) << 4
        segment.store(checksum, at: 16, proto: .tcp, from: from.address, to: to.address)
        return ip(from: from.address, to: to.address, proto: .tcp, payload: segment)
    }

    /// ICMP, or ICMPv6 between IPv6 addresses.
    package func icmp(
        from: IPAddress, to: IPAddress, type: UInt8, code: UInt8 = 0, rest: UInt32 = 0, timeToLive: UInt8 = 64,
        checksum: Checksum = .correct, payload: [UInt8] = []
    ) -> [UInt8] {
        let header = ICMPHeader(type: type, code: code, rest: rest)
        var message = [UInt8](capacity: ICMPHeader.byteCount) { header.write(to: &$0) } + payload
        let proto: IPProtocol = if case .v4 = from { .icmp } else { .icmpv6 }
        message.store(checksum, at: 2, proto: proto, from: from, to: to)
        return ip(from: from, to: to, proto: proto, timeToLive: timeToLive, payload: message)
    }

    package func echoRequest(
        from: IPAddress, to: IPAddress, identifier: UInt16 = 1, sequence: UInt16 = 1, payload: [UInt8] = []
    ) -> [UInt8] {
        let type = if case .v4 = from { ICMPHeader.V4.echoRequest } else { ICMPHeader.V6.echoRequest }
        let rest = UInt32(identifier) << 16 | UInt32(sequence)
        return icmp(from: from, to: to, type: type, rest: rest, payload: payload)
    }
}

extension Array where Element == UInt8 {
    /// Replaces two bytes.
    package mutating func store(be16 value: UInt16, at offset: Int) {
        self[offset] = UInt8(truncatingIfNeeded: value >> 8)
        self[offset + 1] = UInt8(truncatingIfNeeded: value)
    }

    /// Fills in the checksum field at `offset` of the packet in these bytes; the field is zero so far.
    fileprivate mutating func store(
        _ choice: FrameBuilder.Checksum, at offset: Int, proto: IPProtocol, from: IPAddress, to: IPAddress
    ) {
        var sum = InternetChecksum()
        switch (from, to) {
        case (.v4(let from), .v4(let to)):
            // ICMP of version 4 has no pseudo-header (RFC 792).
            guard proto != .icmp else { break }
            sum.addPseudoHeader(source: from, destination: to, proto: proto, length: count)
        case (.v6(let from), .v6(let to)):
            sum.addPseudoHeader(source: from, destination: to, proto: proto, length: count)
        default: preconditionFailure("addresses of two versions")
        }
        let pseudo = sum.folded
        sum.add(span)
        let correct = proto == .udp && sum.finished == 0 ? 0xffff : sum.finished
        switch choice {
        case .correct: store(be16: correct, at: offset)
        case .wrong: store(be16: correct ^ 0x5555, at: offset)
        case .zero: store(be16: 0, at: offset)
        case .partial: store(be16: pseudo, at: offset)
        }
    }
}
