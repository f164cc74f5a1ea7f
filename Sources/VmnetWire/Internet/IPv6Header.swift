/// The fixed IPv6 header (RFC 8200, section 3). Extension headers stay in the payload.
///
/// ```
///  0                                   4                 6        7        8
/// +----+---------+--------------------+-----------------+--------+--------+
/// | 6  | class   | flow label         | payload length  | next   | hops   |
/// +----+---------+--------------------+-----------------+--------+--------+
/// | source address (16 bytes)         | destination address (16 bytes)    |
/// +-----------------------------------+-----------------------------------+
/// ```
@usableFromInline
package struct IPv6Header: Equatable, Sendable {
    @inlinable package static var byteCount: Int { 40 }

    @usableFromInline package var trafficClass: UInt8
    /// 20 bits.
    @usableFromInline package var flowLabel: UInt32
    /// Bytes after this header, extension headers included: 0...65535.
    @usableFromInline package var payloadLength: Int
    @usableFromInline package var nextHeader: IPProtocol
    @usableFromInline package var hopLimit: UInt8
    @usableFromInline package var source: IPv6Address
    @usableFromInline package var destination: IPv6Address

    package init(
        nextHeader: IPProtocol, source: IPv6Address, destination: IPv6Address, payloadLength: Int,
        hopLimit: UInt8 = 64, trafficClass: UInt8 = 0, flowLabel: UInt32 = 0
    ) {
        self.trafficClass = trafficClass
        self.flowLabel = flowLabel & 0xf_ffff
        self.payloadLength = min(max(payloadLength, 0), 65535)
        self.nextHeader = nextHeader
        self.hopLimit = hopLimit
        self.source = source
        self.destination = destination
    }

    /// `bytes` begins after the Ethernet header and may be longer than the packet.
    @inlinable @inline(__always)
    package init(parsing bytes: Span<UInt8>) throws(WireError) {
        guard bytes.count >= Self.byteCount else { throw .truncated }
        let first = bytes.be32(at: 0)
        guard first >> 28 == 6 else { throw .malformed }
        trafficClass = UInt8(truncatingIfNeeded: first >> 20)
        flowLabel = first & 0xf_ffff
        payloadLength = Int(bytes.be16(at: 4))
        guard bytes.count >= Self.byteCount + payloadLength else { throw .truncated }
        nextHeader = IPProtocol(rawValue: bytes[6])
        hopLimit = bytes[7]
        source = IPv6Address(high: bytes.be64(at: 8), low: bytes.be64(at: 16))
        destination = IPv6Address(high: bytes.be64(at: 24), low: bytes.be64(at: 32))
    }

    package func write(to output: inout OutputSpan<UInt8>) {
        output.append(be32: 6 << 28 | UInt32(trafficClass) << 20 | flowLabel & 0xf_ffff)
        output.append(be16: UInt16(clamping: payloadLength))
        output.append(nextHeader.rawValue)
        output.append(hopLimit)
        output.append(be64: source.high)
        output.append(be64: source.low)
        output.append(be64: destination.high)
        output.append(be64: destination.low)
    }
}
