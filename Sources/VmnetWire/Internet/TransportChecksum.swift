/// Where the TCP or UDP checksum of a frame is, and what the pseudo-header adds to it (RFC 9293, 3.1; RFC 768).
package struct TransportChecksum: Equatable, Sendable {
    /// Where the transport header begins, from the destination address on.
    package let start: Int
    /// Where the checksum is, from `start` on.
    package let offset: Int
    /// Where the packet ends, and padding may follow.
    package let end: Int
    /// The folded sum of the pseudo-header: what a partial checksum begins with.
    package let pseudoHeaderSum: UInt16

    /// Reads the headers; nil for what is no whole TCP segment or UDP datagram in an untagged frame: a fragment, another
    /// protocol, an IPv6 packet with extension headers, or lengths that are not the frame's.
    package init?(of frame: Span<UInt8>) {
        guard let ethernet = try? EthernetHeader(parsing: frame) else { return nil }
        let packet = frame.extracting(droppingFirst: EthernetHeader.byteCount)
        let headerByteCount: Int
        let packetByteCount: Int
        let proto: IPProtocol
        let addresses: Range<Int>
        switch ethernet.type {
        case .ipv4:
            guard let header = try? IPv4Header(parsing: packet), !header.isFragment else { return nil }
            headerByteCount = header.headerLength
            packetByteCount = Int(header.totalLength)
            proto = header.proto
            addresses = 12..<20
        case .ipv6:
            guard let header = try? IPv6Header(parsing: packet) else { return nil }
            headerByteCount = IPv6Header.byteCount
            packetByteCount = IPv6Header.byteCount + header.payloadLength
            proto = header.nextHeader
            addresses = 8..<40
        default: return nil
        }
        switch proto {
        case .tcp: offset = TCPHeader.checksumOffset
        case .udp: offset = UDPHeader.checksumOffset
        default: return nil
        }
        guard packetByteCount <= packet.count, headerByteCount + offset + 2 <= packetByteCount else { return nil }
        start = EthernetHeader.byteCount + headerByteCount
        end = EthernetHeader.byteCount + packetByteCount
        var sum = InternetChecksum()
        sum.add(packet.extracting(addresses))
        sum.add(UInt16(proto.rawValue))
        sum.add(UInt32(truncatingIfNeeded: packetByteCount - headerByteCount))
        pseudoHeaderSum = sum.folded
    }
}
