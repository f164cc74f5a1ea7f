package import VmnetWire

/// A message to a client or relay, and how it gets there (RFC 2131, 4.1).
package struct DHCPReply: Equatable, Sendable {
    /// Where a reply goes.
    package struct Destination: Equatable, Sendable {
        package let hardwareAddress: MACAddress
        package let address: IPv4Address
        package let port: UInt16
    }

    package let message: DHCPMessage
    package let destination: Destination
    /// The most bytes that the message may have.
    let limit: Int
    /// Options that stay longest when there is little room, first.
    let priority: [DHCPOptionCode]
    /// Whether the receiver understands options in the header's `sname` and `file`.
    let mayOverload: Bool

    /// The message as bytes: the payload of the UDP datagram.
    package var payload: [UInt8] {
        let layout = message.layout(limit: limit, priority: priority, mayOverload: mayOverload)
        return [UInt8](capacity: message.byteCount(layout)) { message.write(layout, to: &$0) }
    }

    /// The whole Ethernet frame, with its checksums: clients drop replies without a right one.
    package func frame(from source: MACAddress, _ address: IPv4Address) -> [UInt8] {
        let payload = payload
        let udp = UDPHeader(
            sourcePort: DHCPPort.server, destinationPort: destination.port, payloadLength: payload.count
        ).withChecksum(over: payload.span, source: address, destination: destination.address)
        let ip = IPv4Header(
            proto: .udp, source: address, destination: destination.address, payloadLength: Int(udp.length))
        let ethernet = EthernetHeader(destination: destination.hardwareAddress, source: source, type: .ipv4)
        let byteCount = EthernetHeader.byteCount + Int(ip.totalLength)
        return [UInt8](capacity: byteCount) { output in
            ethernet.write(to: &output)
            ip.write(to: &output)
            udp.write(to: &output)
            output.append(payload.span)
        }
    }
}

/// UDP ports (RFC 2131, 4.1).
package enum DHCPPort {
    package static let server: UInt16 = 67
    package static let client: UInt16 = 68
}
