/// A packet that is to be cut at the IP layer (RFC 791, 3.2; RFC 8200, 4.5), because nothing above it can be: a UDP
/// datagram or an ICMP message larger than the guest's MTU. It keeps no bytes.
///
/// Used as `SuperFrame` is: `byteCount(of:)` and `write(_:of:to:)` for each of `count` fragments. The frame's checksum has
/// to be complete.
///
/// A packet that forbids it is cut all the same: this is for packets that the NAT itself has made, of bytes that came to
/// it in fragments, and nobody before it could be told to send less.
package struct FragmentedPacket: Sendable {
    private static let packet = EthernetHeader.byteCount
    /// The fragment header of IPv6.
    private static let extensionByteCount = 8

    private let isIPv6: Bool
    /// Bytes of the headers that each fragment repeats, Ethernet included, without the fragment header.
    private let headerByteCount: Int
    private let payloadByteCount: Int
    /// Payload bytes of every fragment but the last, a multiple of 8.
    private let stride: Int
    /// In IPv6 the next header; IPv4 needs none.
    private let proto: IPProtocol
    private let identification: UInt32

    /// Reads the headers of `frame`, which may be padded.
    ///
    /// - Parameters:
    ///   - mtu: the largest IP packet of the link, in bytes.
    ///   - identification: for IPv6, where a packet has none: a number that was not used lately between these hosts.
    ///
    /// Throws `.malformed` for anything but IP, for a fragment, for IPv4 options (each says by itself whether it is
    /// repeated), and for an MTU that leaves no room for 8 bytes. A packet that fits is one fragment, and unchanged.
    package init(parsing frame: Span<UInt8>, mtu: Int, identification: UInt32 = 0) throws(WireError) {
        let ethernet = try EthernetHeader(parsing: frame)
        let bytes = frame.extracting(droppingFirst: EthernetHeader.byteCount)
        let packetByteCount: Int
        switch ethernet.type {
        case .ipv4:
            let header = try IPv4Header(parsing: bytes)
            guard !header.isFragment, !header.hasOptions else { throw .malformed }
            isIPv6 = false
            headerByteCount = Self.packet + IPv4Header.byteCount
            payloadByteCount = header.payloadLength
            packetByteCount = Int(header.totalLength)
            proto = header.proto
            self.identification = UInt32(header.identification)
        case .ipv6:
            let header = try IPv6Header(parsing: bytes)
            isIPv6 = true
            headerByteCount = Self.packet + IPv6Header.byteCount
            payloadByteCount = header.payloadLength
            packetByteCount = IPv6Header.byteCount + header.payloadLength
            proto = header.nextHeader
            self.identification = identification
        default: throw .malformed
        }
        if packetByteCount <= mtu {
            stride = max(8, payloadByteCount)
        } else {
            let room = mtu - (headerByteCount - Self.packet) - (isIPv6 ? Self.extensionByteCount : 0)
            guard room >= 8 else { throw .malformed }
            stride = room & ~7
        }
    }

    /// Fragments that the packet becomes; 1 when it fits.
    package var count: Int { max(1, (payloadByteCount + stride - 1) / stride) }

    /// Bytes of one fragment's frame.
    package func byteCount(of index: Int) -> Int {
        headerByteCount + (isIPv6 && count > 1 ? Self.extensionByteCount : 0) + payload(of: index).count
    }

    /// Writes one fragment's frame: `byteCount(of: index)` bytes.
    ///
    /// `frame` holds the bytes that this was parsed from.
    package func write(_ index: Int, of frame: Span<UInt8>, to output: inout OutputSpan<UInt8>) {
        let range = payload(of: index)
        let start = output.count + Self.packet
        let hasMore = range.upperBound < payloadByteCount
        output.append(frame.extracting(first: headerByteCount))
        if count > 1 {
            if isIPv6 {
                finishIPv6(range, hasMore: hasMore, in: &output, from: start)
            } else {
                finishIPv4(range, hasMore: hasMore, in: &output, from: start)
            }
        }
        output.append(frame.extracting((headerByteCount + range.lowerBound)..<(headerByteCount + range.upperBound)))
    }

    private func payload(of index: Int) -> Range<Int> {
        precondition(index >= 0 && index < count)
        return index * stride..<min(payloadByteCount, (index + 1) * stride)
    }

    private func finishIPv4(_ range: Range<Int>, hasMore: Bool, in output: inout OutputSpan<UInt8>, from start: Int) {
        var bytes = output.mutableSpan
        bytes.store(be16: UInt16(truncatingIfNeeded: IPv4Header.byteCount + range.count), at: start + 2)
        bytes.store(
            be16: (hasMore ? 0x2000 : 0) | UInt16(truncatingIfNeeded: range.lowerBound >> 3), at: start + 6)
        bytes.store(be16: 0, at: start + 10)
        let checksum = InternetChecksum.of(bytes.span.extracting(start..<(start + IPv4Header.byteCount)))
        bytes.store(be16: checksum, at: start + 10)
    }

    /// ```
    ///  0        1        2                 4                                   8
    /// +--------+--------+-------------+---+-----------------------------------+
    /// | next   | 0      | offset / 8  | M | identification                    |
    /// +--------+--------+-------------+---+-----------------------------------+
    /// ```
    private func finishIPv6(_ range: Range<Int>, hasMore: Bool, in output: inout OutputSpan<UInt8>, from start: Int) {
        var bytes = output.mutableSpan
        bytes.store(be16: UInt16(truncatingIfNeeded: Self.extensionByteCount + range.count), at: start + 4)
        bytes[start + 6] = IPProtocol.ipv6Fragment.rawValue
        output.append(proto.rawValue)
        output.append(0)
        output.append(be16: UInt16(truncatingIfNeeded: range.lowerBound) | (hasMore ? 1 : 0))
        output.append(be32: identification)
    }
}
