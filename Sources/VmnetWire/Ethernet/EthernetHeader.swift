/// The header of an Ethernet II frame (IEEE 802.3, 3.2). The frame check sequence is not part of our frames.
///
/// ```
///  0            6            12        14
/// +------------+------------+---------+---------
/// | destination| source     | type    | payload
/// +------------+------------+---------+---------
/// ```
@usableFromInline
package struct EthernetHeader: Equatable, Sendable {
    @inlinable package static var byteCount: Int { 14 }

    @usableFromInline package var destination: MACAddress
    @usableFromInline package var source: MACAddress
    @usableFromInline package var type: EtherType

    package init(destination: MACAddress, source: MACAddress, type: EtherType) {
        self.destination = destination
        self.source = source
        self.type = type
    }

    @inlinable @inline(__always)
    package init(parsing bytes: Span<UInt8>) throws(WireError) {
        guard bytes.count >= Self.byteCount else { throw .truncated }
        destination = MACAddress(bits: bytes.be48(at: 0))
        source = MACAddress(bits: bytes.be48(at: 6))
        type = EtherType(rawValue: bytes.be16(at: 12))
    }

    package func write(to output: inout OutputSpan<UInt8>) {
        output.append(be48: destination.bits)
        output.append(be48: source.bits)
        output.append(be16: type.rawValue)
    }
}
