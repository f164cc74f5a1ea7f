import VmnetSystem
import VmnetWire

/// The headers of a datagram for the guest, or of several that are one frame.
struct GuestDatagram {
    let station: MACAddress
    let gatewayMAC: MACAddress
    let source: InternetEndpoint
    let destination: InternetEndpoint
    let typeOfService: UInt8
    /// Payload of all datagrams together.
    let byteCount: Int
    /// Payload of each but the last; at least 1.
    let segmentByteCount: Int
    /// For a datagram that will be fragmented; another is an atomic one (RFC 6864, 4.1).
    let identification: UInt16

    static func headerByteCount(isIPv4: Bool) -> Int {
        EthernetHeader.byteCount + (isIPv4 ? IPv4Header.byteCount : IPv6Header.byteCount) + UDPHeader.byteCount
    }

    var headerByteCount: Int { Self.headerByteCount(isIPv4: source.isIPv4) }

    /// Datagrams in the frame.
    var count: Int { max(1, (byteCount + segmentByteCount - 1) / segmentByteCount) }

    private var transportOffset: Int { headerByteCount - UDPHeader.byteCount }

    /// The checksum is always left to be completed: whoever takes the frame may know that nobody will look at it.
    var offload: OffloadDescriptor {
        OffloadDescriptor(
            segmentation: byteCount > segmentByteCount ? .udp : .none,
            segmentSize: byteCount > segmentByteCount ? UInt16(clamping: segmentByteCount) : 0,
            headerLength: UInt16(headerByteCount), needsChecksum: true, checksumStart: UInt16(transportOffset),
            checksumOffset: UInt16(UDPHeader.checksumOffset))
    }

    func write(to output: inout OutputSpan<UInt8>) {
        var header = UDPHeader(
            sourcePort: source.port, destinationPort: destination.port, payloadLength: byteCount)
        let length = UDPHeader.byteCount + byteCount
        let type: EtherType = source.isIPv4 ? .ipv4 : .ipv6
        EthernetHeader(destination: station, source: gatewayMAC, type: type).write(to: &output)
        var sum = InternetChecksum()
        if source.isIPv4 {
            let (from, to) = (source.address.mapped, destination.address.mapped)
            sum.addPseudoHeader(source: from, destination: to, proto: .udp, length: length)
            IPv4Header(
                proto: .udp, source: from, destination: to, payloadLength: length, identification: identification,
                typeOfService: typeOfService
            ).write(to: &output)
        } else {
            let (from, to) = (source.address, destination.address)
            sum.addPseudoHeader(source: from, destination: to, proto: .udp, length: length)
            IPv6Header(
                nextHeader: .udp, source: from, destination: to, payloadLength: length, trafficClass: typeOfService
            ).write(to: &output)
        }
        header.checksum = sum.folded
        header.write(to: &output)
    }
}
