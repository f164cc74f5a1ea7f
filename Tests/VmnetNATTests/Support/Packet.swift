import VmnetWire

/// A frame taken apart, for tests to look at.
struct Packet {
    var ethernet: EthernetHeader
    var header: IPv4Header
    var payload: [UInt8]

    /// nil for anything but a right IPv4 packet.
    init?(_ frame: [UInt8]) {
        guard let ethernet = try? EthernetHeader(parsing: frame.span), ethernet.type == .ipv4,
            let header = try? IPv4Header(parsing: frame.span.extracting(droppingFirst: 14))
        else { return nil }
        self.ethernet = ethernet
        self.header = header
        payload = Array(frame[(14 + header.headerLength)..<(14 + Int(header.totalLength))])
    }

    /// Whether the checksum of the transport is right.
    var isIntact: Bool {
        var sum = InternetChecksum()
        if header.proto != .icmp {
            sum.addPseudoHeader(
                source: header.source, destination: header.destination, proto: header.proto, length: payload.count)
        }
        sum.add(payload.span)
        return sum.finished == 0
    }

    var udp: (header: UDPHeader, data: [UInt8])? {
        guard header.proto == .udp, isIntact, let udp = try? UDPHeader(parsing: payload.span) else { return nil }
        return (udp, Array(payload[8..<Int(udp.length)]))
    }

    /// A right TCP segment over either version of IP, from its header on.
    static func segment(in frame: [UInt8]) -> [UInt8]? {
        if let packet = Packet(frame) { return packet.header.proto == .tcp && packet.isIntact ? packet.payload : nil }
        guard let header = try? IPv6Header(parsing: frame.span.extracting(droppingFirst: EthernetHeader.byteCount)),
            header.nextHeader == .tcp
        else { return nil }
        let start = EthernetHeader.byteCount + IPv6Header.byteCount
        let segment = Array(frame[start..<(start + Int(header.payloadLength))])
        var sum = InternetChecksum()
        sum.addPseudoHeader(
            source: header.source, destination: header.destination, proto: .tcp, length: segment.count)
        sum.add(segment.span)
        return sum.finished == 0 ? segment : nil
    }

    var tcp: (header: TCPHeader, data: [UInt8])? {
        guard header.proto == .tcp, isIntact, let tcp = try? TCPHeader(parsing: payload.span) else { return nil }
        return (tcp, Array(payload[tcp.headerLength...]))
    }

    var icmp: (header: ICMPHeader, data: [UInt8])? {
        guard header.proto == .icmp, isIntact, let icmp = try? ICMPHeader(parsing: payload.span) else { return nil }
        return (icmp, Array(payload[8...]))
    }
}
