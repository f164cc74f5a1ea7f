/// The one's complement sum of RFC 1071, gathered piece by piece.
///
/// Every piece but the last must have an even number of bytes.
@usableFromInline
package struct InternetChecksum: Sendable {
    /// Sum of 16-bit words in host order of the values read big-endian; carries are folded at the end.
    @usableFromInline var sum: UInt64

    @inlinable
    package init() {
        sum = 0
    }

    @inlinable
    package mutating func add(_ word: UInt16) {
        sum &+= UInt64(word)
    }

    @inlinable
    package mutating func add(_ words: UInt32) {
        sum &+= UInt64(words)
    }

    @inlinable
    package mutating func add(_ bytes: Span<UInt8>) {
        sum &+= Self.sum(of: bytes)
    }

    /// The pseudo-header of RFC 9293, 3.1 and RFC 768: addresses, protocol and the length of header and payload.
    @inlinable
    package mutating func addPseudoHeader(
        source: IPv4Address, destination: IPv4Address, proto: IPProtocol, length: Int
    ) {
        sum &+= UInt64(source.bits) &+ UInt64(destination.bits)
        sum &+= UInt64(proto.rawValue) &+ UInt64(UInt32(truncatingIfNeeded: length))
    }

    /// The pseudo-header of RFC 8200, 8.1.
    @inlinable
    package mutating func addPseudoHeader(
        source: IPv6Address, destination: IPv6Address, proto: IPProtocol, length: Int
    ) {
        sum &+= (source.high >> 32) &+ (source.high & 0xffff_ffff)
        sum &+= (source.low >> 32) &+ (source.low & 0xffff_ffff)
        sum &+= (destination.high >> 32) &+ (destination.high & 0xffff_ffff)
        sum &+= (destination.low >> 32) &+ (destination.low & 0xffff_ffff)
        sum &+= UInt64(proto.rawValue) &+ UInt64(UInt32(truncatingIfNeeded: length))
    }

    /// The folded sum, not complemented: what a partial checksum field holds (pseudo-header only).
    @inlinable
    package var folded: UInt16 { Self.fold(sum) }

    /// The checksum to store, or 0 when a correct stored one was part of the bytes.
    @inlinable
    package var finished: UInt16 { ~folded }

    /// The checksum over one run of bytes.
    @inlinable
    package static func of(_ bytes: Span<UInt8>) -> UInt16 {
        var checksum = InternetChecksum()
        checksum.add(bytes)
        return checksum.finished
    }

    /// The stored checksum after one 16-bit field under it changed from `old` to `new` (RFC 1624, equation 3).
    ///
    /// UDP's zero is the caller's: a stored one means that there is none to update, and a resulting one is written as
    /// 0xffff (RFC 768).
    @inlinable
    package static func updated(_ stored: UInt16, replacing old: UInt16, by new: UInt16) -> UInt16 {
        var checksum = InternetChecksum()
        checksum.add(~stored)
        checksum.add(~old)
        checksum.add(new)
        return checksum.finished
    }

    /// The same for a 32-bit field, such as an address.
    @inlinable
    package static func updated(_ stored: UInt16, replacing old: UInt32, by new: UInt32) -> UInt16 {
        let high = updated(
            stored, replacing: UInt16(truncatingIfNeeded: old >> 16), by: UInt16(truncatingIfNeeded: new >> 16))
        return updated(high, replacing: UInt16(truncatingIfNeeded: old), by: UInt16(truncatingIfNeeded: new))
    }

    /// The folded sum of the words, as read big-endian: byte order only swaps the bytes of the sum (RFC 1071, section 2).
    @usableFromInline
    static func sum(of bytes: Span<UInt8>) -> UInt64 {
        // Safety: the pointer is used during the call only.
        unsafe bytes.withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress else { return 0 }
            return UInt64(UInt16(bigEndian: fold(unsafe ChecksumLanes.sum(start, bytes.count, copyingTo: nil))))
        }
    }

    /// Adds the carries back in: 64 bits to 33, to 32 at most, to 17, to 16.
    @inlinable
    static func fold(_ sum: UInt64) -> UInt16 {
        var sum = (sum & 0xffff_ffff) &+ (sum >> 32)
        sum = (sum & 0xffff_ffff) &+ (sum >> 32)
        sum = (sum & 0xffff) &+ (sum >> 16)
        sum = (sum & 0xffff) &+ (sum >> 16)
        return UInt16(truncatingIfNeeded: sum)
    }
}
