/// An IPv4 header (RFC 791, 3.1).
///
/// ```
///  0        1        2                 4                 6
/// +--------+--------+-----------------+-----------------+-----------------+
/// |4 | IHL | TOS    | total length    | identification  |flags| offset    |
/// +--------+--------+-----------------+-----------------+-----------------+
/// | TTL    | proto  | header checksum | source address  (4 bytes)         |   8
/// +--------+--------+-----------------+-----------------------------------+
/// | destination address (4 bytes)     | options, to IHL x 4 bytes          |  16
/// +-----------------------------------+------------------------------------+
/// ```
@usableFromInline
package struct IPv4Header: Equatable, Sendable {
    /// Without options; `headerLength` is what this packet's header really takes.
    @inlinable package static var byteCount: Int { 20 }

    @usableFromInline package var typeOfService: UInt8
    /// Header and payload, in bytes. May be less than what the frame holds (Ethernet padding), never more.
    @usableFromInline package var totalLength: UInt16
    @usableFromInline package var identification: UInt16
    @usableFromInline package var dontFragment: Bool
    @usableFromInline package var moreFragments: Bool
    /// Where this fragment begins in the datagram, in bytes: a multiple of 8, up to 65528.
    ///
    /// A fragment may claim to end beyond the 65535 bytes that any datagram has; whoever reassembles must look.
    @usableFromInline package var fragmentOffset: Int
    @usableFromInline package var timeToLive: UInt8
    @usableFromInline package var proto: IPProtocol
    @usableFromInline package var source: IPv4Address
    @usableFromInline package var destination: IPv4Address
    /// 20...60 bytes, a multiple of 4.
    @usableFromInline package let headerLength: Int

    /// A header without options.
    package init(
        proto: IPProtocol, source: IPv4Address, destination: IPv4Address, payloadLength: Int,
        identification: UInt16 = 0, dontFragment: Bool = true, timeToLive: UInt8 = 64, typeOfService: UInt8 = 0
    ) {
        self.typeOfService = typeOfService
        totalLength = UInt16(clamping: Self.byteCount + max(payloadLength, 0))
        self.identification = identification
        self.dontFragment = dontFragment
        moreFragments = false
        fragmentOffset = 0
        self.timeToLive = timeToLive
        self.proto = proto
        self.source = source
        self.destination = destination
        headerLength = Self.byteCount
    }

    /// `bytes` begins after the Ethernet header and may be longer than the packet. The header checksum is verified.
    @inlinable @inline(__always)
    package init(parsing bytes: Span<UInt8>) throws(WireError) {
        guard bytes.count >= Self.byteCount else { throw .truncated }
        headerLength = Int(bytes[0] & 15) * 4
        guard bytes[0] >> 4 == 4, headerLength >= Self.byteCount else { throw .malformed }
        totalLength = bytes.be16(at: 2)
        guard Int(totalLength) >= headerLength else { throw .malformed }
        guard bytes.count >= Int(totalLength) else { throw .truncated }
        guard Self.checksum(of: bytes, headerLength: headerLength) == 0 else { throw .checksum }
        typeOfService = bytes[1]
        identification = bytes.be16(at: 4)
        let fragment = bytes.be16(at: 6)
        dontFragment = fragment & 0x4000 != 0
        moreFragments = fragment & 0x2000 != 0
        fragmentOffset = Int(fragment & 0x1fff) * 8
        timeToLive = bytes[8]
        proto = IPProtocol(rawValue: bytes[9])
        source = IPv4Address(bits: bytes.be32(at: 12))
        destination = IPv4Address(bits: bytes.be32(at: 16))
    }

    /// The fixed part word by word: the parser reads these very words.
    @inlinable @inline(__always)
    static func checksum(of bytes: Span<UInt8>, headerLength: Int) -> UInt16 {
        var sum = InternetChecksum()
        for offset in stride(from: 0, to: Self.byteCount, by: 4) { sum.add(bytes.be32(at: offset)) }
        if headerLength > Self.byteCount { sum.add(bytes.extracting(Self.byteCount..<headerLength)) }
        return sum.finished
    }

    @inlinable package var isFragment: Bool { moreFragments || fragmentOffset != 0 }

    @inlinable package var hasOptions: Bool { headerLength != Self.byteCount }

    /// Bytes after the header.
    @inlinable package var payloadLength: Int { Int(totalLength) - headerLength }

    /// Writes 20 bytes with their checksum. Options are not kept, and the total length written is without them.
    package func write(to output: inout OutputSpan<UInt8>) {
        var sum = InternetChecksum()
        let words: [10 of UInt16] = [
            0x4500 | UInt16(typeOfService), UInt16(clamping: Self.byteCount + payloadLength), identification,
            (dontFragment ? 0x4000 : 0) | (moreFragments ? 0x2000 : 0)
                | UInt16(truncatingIfNeeded: fragmentOffset >> 3) & 0x1fff,
            UInt16(timeToLive) << 8 | UInt16(proto.rawValue), 0,
            UInt16(source.bits >> 16), UInt16(truncatingIfNeeded: source.bits),
            UInt16(destination.bits >> 16), UInt16(truncatingIfNeeded: destination.bits),
        ]
        for index in words.indices { sum.add(words[index]) }
        for index in words.indices { output.append(be16: index == 5 ? sum.finished : words[index]) }
    }
}
