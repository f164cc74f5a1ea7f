package import VmnetWire

/// A DHCP message with the frame that it came in.
package struct DHCPDatagram: Equatable, Sendable {
    /// The frame's Ethernet source.
    package let source: MACAddress
    package let message: DHCPMessage

    /// Whether an Ethernet frame is for a DHCP server: IPv4, UDP, to port 67. The first fragment counts as one.
    package static func isForServer(_ frame: Span<UInt8>) -> Bool {
        guard frame.count >= 42, frame.be16(at: 12) == EtherType.ipv4.rawValue, frame[23] == IPProtocol.udp.rawValue,
            frame.be16(at: 20) & 0x1fff == 0
        else { return false }
        let port = 14 + Int(frame[14] & 15) * 4 + 2
        return port + 2 <= frame.count && frame.be16(at: port) == DHCPPort.server
    }

    /// Reads a whole Ethernet frame to port 67 or 68.
    ///
    /// - Parameter offload: a checksum that is still partial is not looked at, nor is one that the sender left out.
    /// - Throws: `.checksum` when the UDP checksum is wrong; `.malformed` for a fragment, several datagrams in one, another
    ///   protocol or port.
    package init(parsing frame: Span<UInt8>, offload: OffloadDescriptor = .none) throws(WireError) {
        let ethernet = try EthernetHeader(parsing: frame)
        guard ethernet.type == .ipv4, offload.segmentation == .none else { throw .malformed }
        let packet = frame.extracting(droppingFirst: EthernetHeader.byteCount)
        let ip = try IPv4Header(parsing: packet)
        guard ip.proto == .udp, !ip.isFragment else { throw .malformed }
        let datagram = packet.extracting(ip.headerLength..<Int(ip.totalLength))
        let udp = try UDPHeader(parsing: datagram)
        guard [DHCPPort.server, DHCPPort.client].contains(udp.destinationPort) else { throw .malformed }
        guard Self.isIntact(udp, datagram, ip, offload: offload) else { throw .checksum }
        source = ethernet.source
        message = try DHCPMessage(parsing: datagram.extracting(UDPHeader.byteCount..<Int(udp.length)))
    }

    /// Zero is a datagram without checksum; any other value has to be right, unless the sender left it to the device.
    private static func isIntact(
        _ udp: UDPHeader, _ datagram: Span<UInt8>, _ ip: IPv4Header, offload: OffloadDescriptor
    ) -> Bool {
        offload.needsChecksum || udp.verify(datagram, source: ip.source, destination: ip.destination)
    }
}
