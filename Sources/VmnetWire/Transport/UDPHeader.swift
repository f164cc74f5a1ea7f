/// A UDP header (RFC 768).
///
/// ```
///  0                 2                 4                 6                 8
/// +-----------------+-----------------+-----------------+-----------------+------
/// | source port     | destination port| length          | checksum        | data
/// +-----------------+-----------------+-----------------+-----------------+------
/// ```
@usableFromInline
package struct UDPHeader: Equatable, Sendable {
    @inlinable package static var byteCount: Int { 8 }
    /// Where the checksum is.
    @inlinable package static var checksumOffset: Int { 6 }

    @usableFromInline package var sourcePort: UInt16
    @usableFromInline package var destinationPort: UInt16
    /// Header and data, in bytes: at least 8.
    @usableFromInline package var length: UInt16
    /// 0 = none (IPv4 only).
    @usableFromInline package var checksum: UInt16

    package init(sourcePort: UInt16, destinationPort: UInt16, payloadLength: Int, checksum: UInt16 = 0) {
        self.sourcePort = sourcePort
        self.destinationPort = destinationPort
        length = UInt16(clamping: Self.byteCount + max(payloadLength, 0))
        self.checksum = checksum
    }

    /// `bytes` is the whole payload of the IP packet; it may be longer than the datagram. The checksum is read, not
    /// verified: `verify` does that, where it is wanted.
    @inlinable @inline(__always)
    package init(parsing bytes: Span<UInt8>) throws(WireError) {
        guard bytes.count >= Self.byteCount else { throw .truncated }
        sourcePort = bytes.be16(at: 0)
        destinationPort = bytes.be16(at: 2)
        length = bytes.be16(at: 4)
        checksum = bytes.be16(at: 6)
        guard Int(length) >= Self.byteCount else { throw .malformed }
        guard bytes.count >= Int(length) else { throw .truncated }
    }

    package func write(to output: inout OutputSpan<UInt8>) {
        output.append(be16: sourcePort)
        output.append(be16: destinationPort)
        output.append(be16: length)
        output.append(be16: checksum)
    }

    /// Whether the datagram in `bytes`, which this header was parsed from, arrived intact. A zero checksum counts as
    /// intact: the sender made none.
    package func verify(_ bytes: Span<UInt8>, source: IPv4Address, destination: IPv4Address) -> Bool {
        guard checksum != 0 else { return true }
        guard bytes.count >= Int(length) else { return false }
        var sum = InternetChecksum()
        sum.addPseudoHeader(source: source, destination: destination, proto: .udp, length: Int(length))
        sum.add(bytes.extracting(first: Int(length)))
        return sum.finished == 0
    }

    /// The same header with the checksum of it and `payload`, which is as long as the header says.
    package func withChecksum(
        over payload: Span<UInt8>, source: IPv4Address, destination: IPv4Address
    ) -> UDPHeader {
        var sum = InternetChecksum()
        sum.addPseudoHeader(source: source, destination: destination, proto: .udp, length: Int(length))
        sum.add(sourcePort)
        sum.add(destinationPort)
        sum.add(length)
        sum.add(payload)
        var header = self
        header.checksum = sum.finished == 0 ? 0xffff : sum.finished
        return header
    }
}
