/// A segment of TCP over IPv4 that a guest's driver may join with others: with data, complete, and right.
///
/// ```
///  0          12     14        34                54
/// +----------+------+---------+-----------------+---------+---------+
/// | MACs     | type | IPv4    | TCP             | options | payload |
/// +----------+------+---------+-----------------+---------+---------+
/// ```
struct GuestSegment {
    static let network = 14
    private static let typeOffset = 12
    static let totalLengthOffset = 16
    private static let fragmentOffset = 20
    private static let protocolOffset = 23
    static let headerChecksumOffset = 24
    private static let addresses = 26..<34
    static let transport = 34
    private static let sequenceOffset = 38
    private static let lengthOffset = 46
    static let flagsOffset = 47
    static let checksumOffset = 50
    static let push: UInt8 = 0x08
    /// Without options, and with all that TCP has room for.
    private static let leastHeaders = transport + 20
    static let longestHeaders = transport + 60

    let headerCount: Int
    /// In the batch.
    let frame: Range<Int>
    let sequence: UInt32
    /// RFC 9293, 3.9.1.2: whoever pushed is waiting.
    let isPushed: Bool

    var headers: Range<Int> { frame.lowerBound..<(frame.lowerBound + headerCount) }
    var payload: Range<Int> { (frame.lowerBound + headerCount)..<frame.upperBound }

    /// nil for any other frame.
    init?(_ frame: Range<Int>, of batch: Span<UInt8>) {
        let octets = batch.extracting(frame)
        guard octets.count >= Self.leastHeaders, octets.number(at: Self.typeOffset) == 0x0800,
            octets[Self.network] == 0x45
        else { return nil }
        // Whole, TCP, and without padding.
        guard octets.number(at: Self.fragmentOffset) & 0x3fff == 0, octets[Self.protocolOffset] == 6,
            octets.number(at: Self.totalLengthOffset) == octets.count - Self.network
        else { return nil }
        headerCount = Self.transport + Int(octets[Self.lengthOffset] >> 4) * 4
        guard headerCount >= Self.leastHeaders, headerCount < octets.count else { return nil }
        // ACK, perhaps PSH.
        guard octets[Self.flagsOffset] & ~Self.push == 0x10, Self.isRight(octets) else { return nil }
        self.frame = frame
        let (high, low) = (octets.number(at: Self.sequenceOffset), octets.number(at: Self.sequenceOffset + 2))
        sequence = UInt32(high) << 16 | UInt32(low)
        isPushed = octets[Self.flagsOffset] & Self.push != 0
    }

    /// Where headers are the same throughout a run: all but lengths, checksums, the packet's number, the sequence number
    /// and PSH. Behind them the options are.
    private static let constant = [0..<16, 20..<24, 26..<38, 42..<47, 48..<50]

    /// Whether it goes on where a run of so many octets ends, which began with `first`.
    func continues(_ first: GuestSegment, payloadCount: Int, in batch: Span<UInt8>) -> Bool {
        guard headerCount == first.headerCount, payload.count <= first.payload.count,
            sequence == first.sequence &+ UInt32(payloadCount)
        else { return false }
        let (mine, other) = (batch.extracting(headers), batch.extracting(first.headers))
        for range in Self.constant {
            for offset in range where mine[offset] != other[offset] { return false }
        }
        for offset in Self.leastHeaders..<headerCount where mine[offset] != other[offset] { return false }
        return true
    }

    /// Whether the checksum of TCP is right (RFC 9293, 3.1).
    private static func isRight(_ frame: Span<UInt8>) -> Bool {
        let segment = frame.extracting(transport...)
        return fold(pseudoHeaderSum(frame, segment.count) + sum(segment)) == 0xffff
    }

    /// That of the addresses, the protocol and the length, not folded.
    static func pseudoHeaderSum(_ frame: Span<UInt8>, _ segmentCount: Int) -> UInt64 {
        sum(frame.extracting(addresses)) + 6 + UInt64(segmentCount)
    }

    /// The one's complement sum of big-endian 16-bit words (RFC 1071).
    static func sum(_ octets: Span<UInt8>) -> UInt64 {
        let whole = octets.count / 4
        // Safety: whole words only.
        var sum = unsafe octets.withUnsafeBytes { octets in
            var sum: UInt64 = 0
            for index in 0..<whole {
                sum &+= UInt64(unsafe octets.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self))
            }
            return sum
        }
        var last: UInt32 = 0
        for index in whole * 4..<octets.count { last |= UInt32(octets[index]) << UInt32(index % 4 * 8) }
        sum += UInt64(last)
        return UInt64(UInt16(truncatingIfNeeded: fold(sum)).byteSwapped)
    }

    static func fold(_ sum: UInt64) -> UInt64 {
        var sum = sum
        while sum > 0xffff { sum = sum >> 16 + sum & 0xffff }
        return sum
    }
}

extension Span<UInt8> {
    /// The 16-bit big-endian number at `offset`.
    func number(at offset: Int) -> UInt16 { UInt16(self[offset]) << 8 | UInt16(self[offset + 1]) }
}
