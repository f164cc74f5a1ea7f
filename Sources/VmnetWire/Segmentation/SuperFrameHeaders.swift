/// The headers of a super-frame: many segments behind one set of headers, as TCP or UDP makes them for a device that cuts
/// them apart. It keeps no bytes.
///
/// The headers are believed, and what the descriptor says has to agree with them: it comes from a guest.
package struct SuperFrameHeaders: Equatable, Sendable {
    /// Segments that one frame may become: enough for 64 bytes in each, and no more work than that for a guest that asks
    /// for segments of one byte.
    package static let maximumSegments = 1024
    private static let tagByteCount = 4

    let isIPv6: Bool
    /// Where the IP header begins, from the destination address on: behind VLAN tags, if there are any.
    package let networkOffset: Int
    /// Where the TCP or UDP header begins.
    package let transportOffset: Int
    /// Bytes of all headers, Ethernet included.
    package let headerByteCount: Int
    /// Bytes behind the headers.
    package let payloadByteCount: Int
    private let offload: OffloadDescriptor

    /// Throws `.malformed` for what no such frame is: another protocol than the descriptor's, a fragment, an IPv6 packet
    /// with extension headers, lengths that are not the frame's, SYN or RST, a partial checksum in another place than
    /// the protocol's, or more than `maximumSegments`.
    ///
    /// - Parameters:
    ///   - frame: from the Ethernet header on, which one or two VLAN tags may follow.
    ///   - offload: says TCP or UDP, the IP version for TCP, and the segment's size.
    package init(parsing frame: Span<UInt8>, _ offload: OffloadDescriptor) throws(WireError) {
        var type = try EthernetHeader(parsing: frame).type
        var offset = EthernetHeader.byteCount
        while type == .vlan || type == .serviceVLAN, offset < EthernetHeader.byteCount + 2 * Self.tagByteCount,
            frame.count >= offset + Self.tagByteCount
        {
            offset += Self.tagByteCount
            type = EtherType(rawValue: frame.be16(at: offset - 2))
        }
        networkOffset = offset
        let packet = frame.extracting(droppingFirst: networkOffset)
        let proto: IPProtocol
        switch type {
        case .ipv4 where offload.segmentation != .tcpv6:
            let header = try IPv4Header(parsing: packet)
            guard !header.isFragment, Int(header.totalLength) == packet.count else { throw .malformed }
            isIPv6 = false
            transportOffset = networkOffset + header.headerLength
            proto = header.proto
        case .ipv6 where offload.segmentation != .tcpv4:
            let header = try IPv6Header(parsing: packet)
            guard IPv6Header.byteCount + header.payloadLength == packet.count else { throw .malformed }
            isIPv6 = true
            transportOffset = networkOffset + IPv6Header.byteCount
            proto = header.nextHeader
        default: throw .malformed
        }
        let transport = frame.extracting(droppingFirst: transportOffset)
        switch (offload.segmentation, proto) {
        case (.tcpv4, .tcp), (.tcpv6, .tcp):
            let header = try TCPHeader(parsing: transport)
            guard header.flags.isDisjoint(with: [.syn, .rst]) else { throw .malformed }
            headerByteCount = transportOffset + header.headerLength
        case (.udp, .udp):
            guard Int(try UDPHeader(parsing: transport).length) == transport.count else { throw .malformed }
            headerByteCount = transportOffset + UDPHeader.byteCount
        default: throw .malformed
        }
        payloadByteCount = frame.count - headerByteCount
        self.offload = offload
        guard offload.segmentSize > 0, payloadByteCount <= segmentSize * Self.maximumSegments,
            !offload.needsChecksum || isChecksumRight
        else { throw .malformed }
    }

    /// How many segments it becomes.
    package var segmentCount: Int { max(1, (payloadByteCount + segmentSize - 1) / segmentSize) }

    /// Payload bytes of one segment.
    var segmentSize: Int { Int(offload.segmentSize) }
    /// Bytes of the longest frame that will come of it.
    package var segmentByteCount: Int { headerByteCount + segmentSize }

    var isTCP: Bool { offload.segmentation != .udp }
    /// What it is to a super-frame with these headers and a whole checksum.
    var segmentation: OffloadDescriptor {
        OffloadDescriptor(
            segmentation: offload.segmentation, segmentSize: offload.segmentSize,
            headerLength: UInt16(truncatingIfNeeded: headerByteCount))
    }

    /// Where the checksum is, from the start of the transport header on.
    private var checksumOffset: Int { isTCP ? TCPHeader.checksumOffset : UDPHeader.checksumOffset }

    private var isChecksumRight: Bool {
        Int(offload.checksumStart) == transportOffset && Int(offload.checksumOffset) == checksumOffset
    }

    /// Whether the headers of two TCP frames of this shape are the same but for lengths, identification, checksums,
    /// numbers, flags and window.
    package func areAlike(_ first: Span<UInt8>, _ second: Span<UInt8>) -> Bool {
        let lengths = isIPv6 ? (networkOffset + 4)..<(networkOffset + 6) : (networkOffset + 2)..<(networkOffset + 6)
        let checksum = isIPv6 ? lengths : (networkOffset + 10)..<(networkOffset + 12)
        let numbers = (transportOffset + 4)..<(transportOffset + 18)
        for offset in 0..<headerByteCount where first[offset] != second[offset] {
            guard lengths.contains(offset) || checksum.contains(offset) || numbers.contains(offset) else {
                return false
            }
        }
        return true
    }

    /// Brings the length in the IP header, and its checksum, up to date with a frame of another length.
    package func setLength(in frame: inout MutableSpan<UInt8>) {
        if isIPv6 {
            frame.store(be16: UInt16(truncatingIfNeeded: frame.count - transportOffset), at: networkOffset + 4)
        } else {
            frame.store(be16: UInt16(truncatingIfNeeded: frame.count - networkOffset), at: networkOffset + 2)
            frame.store(be16: 0, at: networkOffset + 10)
            let checksum = InternetChecksum.of(frame.span.extracting(networkOffset..<transportOffset))
            frame.store(be16: checksum, at: networkOffset + 10)
        }
    }

    /// Stores the pseudo-header's sum where a whole checksum was, and says so: Linux takes segments in this form only.
    ///
    /// - Parameters:
    ///   - headers: the first `headerByteCount` bytes of the super-frame, or more.
    ///   - byteCount: of the super-frame.
    package func makeChecksumPartial(in headers: inout MutableSpan<UInt8>, byteCount: Int) -> OffloadDescriptor {
        var sum = pseudoHeaderSum(of: headers.span)
        sum.add(UInt32(truncatingIfNeeded: byteCount - transportOffset))
        headers.store(be16: sum.folded, at: transportOffset + checksumOffset)
        var offload = offload
        offload.headerLength = UInt16(truncatingIfNeeded: headerByteCount)
        offload.needsChecksum = true
        offload.checksumStart = UInt16(truncatingIfNeeded: transportOffset)
        offload.checksumOffset = UInt16(truncatingIfNeeded: checksumOffset)
        return offload
    }

    /// The sum of the pseudo-header without its length.
    func pseudoHeaderSum(of frame: Span<UInt8>) -> InternetChecksum {
        let addresses = networkOffset + (isIPv6 ? 8 : 12)
        var sum = InternetChecksum()
        sum.add(frame.extracting(addresses..<(addresses + (isIPv6 ? 32 : 8))))
        sum.add(UInt16(isTCP ? IPProtocol.tcp.rawValue : IPProtocol.udp.rawValue))
        return sum
    }
}
