/// A TCP segment over IPv4 or IPv6, as far as it matters for joining it with its neighbours.
struct CoalescerSegment {
    enum Kind {
        /// Payload, and nothing said but ACK or PSH.
        case data
        /// An acknowledgement and nothing else, not even of a selection of what came (RFC 2018).
        case acknowledgement
        /// Goes on as it is.
        case other
    }

    let kind: Kind
    let isIPv6: Bool
    /// Equal for all segments of one connection and direction, and for few others; never 0.
    let fingerprint: UInt64
    /// Where the TCP header begins in the frame, where the payload, and where it ends.
    let transportOffset: Int
    let payloadOffset: Int
    let end: Int
    let identification: UInt16
    /// Whether the identification means nothing (RFC 6864, 4.1): it need not go on as cutting will count it.
    let isAtomic: Bool
    let header: TCPHeader
    /// The addresses' and the protocol's part of the checksum.
    let pseudoSum: InternetChecksum

    var payloadByteCount: Int { end &- payloadOffset }

    /// A frame that is no segment, or one that cannot be told from others.
    enum Refusal: Error {
        /// Not TCP: in no order with anything that is.
        case unrelated
        /// Perhaps part of a connection, but which one its headers do not say, or cannot be believed.
        case obscure
    }

    @inline(__always)
    init(parsing frame: Span<UInt8>) throws(Refusal) {
        guard frame.count >= EthernetHeader.byteCount + IPv4Header.byteCount else { throw .unrelated }
        let packet = frame.extracting(droppingFirst: EthernetHeader.byteCount)
        var pseudoSum = InternetChecksum()
        let addresses: UInt64
        switch EtherType(rawValue: frame.be16(at: 12)) {
        case .ipv4:
            guard packet[9] == IPProtocol.tcp.rawValue else { throw .unrelated }
            guard let header = try? IPv4Header(parsing: packet), !header.isFragment, !header.hasOptions else {
                throw .obscure
            }
            isIPv6 = false
            transportOffset = EthernetHeader.byteCount + IPv4Header.byteCount
            end = EthernetHeader.byteCount + Int(header.totalLength)
            identification = header.identification
            isAtomic = header.dontFragment
            addresses = UInt64(header.source.bits) << 32 | UInt64(header.destination.bits)
            pseudoSum.addPseudoHeader(
                source: header.source, destination: header.destination, proto: .tcp, length: 0)
        case .ipv6:
            guard let header = try? IPv6Header(parsing: packet) else { throw .obscure }
            guard header.nextHeader == .tcp else {
                // Behind an extension header there may be a part of any connection.
                throw header.nextHeader == .udp || header.nextHeader == .icmpv6 ? .unrelated : .obscure
            }
            isIPv6 = true
            transportOffset = EthernetHeader.byteCount + IPv6Header.byteCount
            end = transportOffset + header.payloadLength
            identification = 0
            isAtomic = true
            addresses =
                header.source.high ^ header.source.low &* 3 ^ header.destination.high &* 5 ^ header.destination.low &* 7
            pseudoSum.addPseudoHeader(
                source: header.source, destination: header.destination, proto: .tcp, length: 0)
        default: throw .unrelated
        }
        guard let header = try? TCPHeader(parsing: frame.extracting(transportOffset..<end)) else { throw .obscure }
        self.header = header
        self.pseudoSum = pseudoSum
        payloadOffset = transportOffset + header.headerLength
        let ports = UInt64(header.sourcePort) << 16 | UInt64(header.destinationPort)
        fingerprint = (addresses ^ ports &* 0x9e37_79b9_7f4a_7c15) | 1
        kind = Self.kind(of: header, frame.extracting(transportOffset..<end))
    }

    @inline(__always)
    private static func kind(of header: TCPHeader, _ bytes: Span<UInt8>) -> Kind {
        guard header.flags.subtracting(.psh) == .ack, header.reserved == 0, header.urgentPointer == 0 else {
            return .other
        }
        if bytes.count > header.headerLength { return .data }
        guard header.flags == .ack, header.window > 0 else { return .other }
        let options = header.headerLength - TCPHeader.byteCount
        // Two of padding, then timestamps, as RFC 7323 recommends in appendix A.
        let hasTimestampsOnly = options == 12 && bytes.be32(at: TCPHeader.byteCount) == 0x0101_080a
        return options == 0 || hasTimestampsOnly ? .acknowledgement : .other
    }

    /// The checksum's sum over pseudo-header and TCP header: with the payload's added, 0xffff if it is right.
    @inline(__always)
    func headerSum(of frame: Span<UInt8>) -> InternetChecksum {
        var sum = pseudoSum
        sum.add(UInt16(truncatingIfNeeded: end &- transportOffset))
        sum.add(frame.extracting(transportOffset..<payloadOffset))
        return sum
    }

    /// Whether what joined segments have in common is the same in `frame` and in the headers of `other`, both of this
    /// segment's layout: stations, class, time to live, fragment flags, addresses, ports and options.
    @inline(__always)
    func hasSameHeaders(_ frame: Span<UInt8>, _ other: Span<UInt8>) -> Bool {
        guard frame.be64(at: 0) == other.be64(at: 0), frame.be64(at: 8) == other.be64(at: 8) else { return false }
        if isIPv6 {
            // The flow label's low half, next header and hop limit, addresses.
            guard frame.be16(at: 16) == other.be16(at: 16), frame.be16(at: 20) == other.be16(at: 20) else {
                return false
            }
            for offset in Swift.stride(from: 22, to: 54, by: 8) where frame.be64(at: offset) != other.be64(at: offset) {
                return false
            }
        } else {
            guard frame.be32(at: 20) == other.be32(at: 20), frame.be64(at: 26) == other.be64(at: 26) else {
                return false
            }
        }
        guard frame.be32(at: transportOffset) == other.be32(at: transportOffset) else { return false }
        // The data offset, and the options behind the fixed part.
        guard frame[transportOffset &+ 12] == other[transportOffset &+ 12] else { return false }
        for offset in Swift.stride(from: transportOffset &+ TCPHeader.byteCount, to: payloadOffset, by: 4)
        where frame.be32(at: offset) != other.be32(at: offset) { return false }
        return true
    }
}
