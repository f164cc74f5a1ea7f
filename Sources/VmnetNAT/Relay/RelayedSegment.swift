import VmnetWire

/// A segment for the guest, without its data: what its headers are made from.
struct RelayedSegment {
    let key: FlowKey
    let station: MACAddress
    let gatewayMAC: MACAddress
    let flags: TCPHeader.Flags
    let sequence: UInt32
    let acknowledgement: UInt32
    let window: UInt16
    /// Of data.
    let byteCount: Int
    /// Bytes of data in one segment.
    let segmentSize: Int
    /// Of the options behind its header, which the sender writes there.
    var optionByteCount = 0

    /// Options included.
    var headerByteCount: Int { transportOffset + TCPHeader.byteCount + optionByteCount }

    private var transportOffset: Int {
        EthernetHeader.byteCount + (key.isIPv4 ? IPv4Header.byteCount : IPv6Header.byteCount)
    }

    /// Its checksum is that of the pseudo-header: whoever looks at the data anyway completes it, or nobody does.
    var offload: OffloadDescriptor {
        let isCut = byteCount > segmentSize
        return OffloadDescriptor(
            segmentation: isCut ? (key.isIPv4 ? .tcpv4 : .tcpv6) : .none,
            segmentSize: isCut ? UInt16(clamping: segmentSize) : 0,
            headerLength: UInt16(truncatingIfNeeded: headerByteCount), needsChecksum: true,
            checksumStart: UInt16(truncatingIfNeeded: transportOffset),
            checksumOffset: UInt16(truncatingIfNeeded: TCPHeader.checksumOffset))
    }

    /// Writes `headerByteCount` bytes but for the options.
    func write(to output: inout OutputSpan<UInt8>) {
        let length = TCPHeader.byteCount + optionByteCount + byteCount
        var sum = InternetChecksum()
        if key.isIPv4 {
            let (source, destination) = (key.destination.mapped, key.source.mapped)
            EthernetHeader(destination: station, source: gatewayMAC, type: .ipv4).write(to: &output)
            IPv4Header(proto: .tcp, source: source, destination: destination, payloadLength: length).write(to: &output)
            sum.addPseudoHeader(source: source, destination: destination, proto: .tcp, length: length)
        } else {
            let (source, destination) = (key.destination, key.source)
            EthernetHeader(destination: station, source: gatewayMAC, type: .ipv6).write(to: &output)
            IPv6Header(nextHeader: .tcp, source: source, destination: destination, payloadLength: length)
                .write(to: &output)
            sum.addPseudoHeader(source: source, destination: destination, proto: .tcp, length: length)
        }
        TCPHeader(
            sourcePort: key.destinationPort, destinationPort: key.sourcePort, sequence: sequence,
            acknowledgement: acknowledgement, flags: flags, window: window, checksum: sum.folded
        ).write(to: &output, optionByteCount: optionByteCount)
    }
}
