/// Readers of network byte order. Each traps out of bounds: check `count` once, before the first of them.
///
/// They are forced inline so that the optimiser sees the one length check and drops their own.
extension Span<UInt8> {
    @inlinable @inline(__always)
    package func be16(at offset: Int) -> UInt16 {
        UInt16(bigEndian: word(at: offset))
    }

    @inlinable @inline(__always)
    package func be32(at offset: Int) -> UInt32 {
        UInt32(bigEndian: word(at: offset))
    }

    /// 48 bits, as in a MAC address, in the low bits of the result.
    @inlinable @inline(__always)
    package func be48(at offset: Int) -> UInt64 {
        UInt64(be32(at: offset)) << 16 | UInt64(be16(at: offset + 4))
    }

    @inlinable @inline(__always)
    package func be64(at offset: Int) -> UInt64 {
        UInt64(bigEndian: word(at: offset))
    }

    @inlinable @inline(__always)
    package func le16(at offset: Int) -> UInt16 {
        UInt16(littleEndian: word(at: offset))
    }

    /// The bytes from `offset` on as a word in the machine's byte order.
    @inlinable @inline(__always)
    func word<Word: FixedWidthInteger & BitwiseCopyable>(
        at offset: Int, as type: Word.Type = Word.self
    ) -> Word {
        // Safety: bounds are checked, and any bytes are a valid integer.
        unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: type)
    }
}

extension Array where Element == UInt8 {
    /// A copy of the bytes, for the few places that keep what they were lent.
    package init(copying bytes: Span<UInt8>) {
        // Safety: the pointer is used during the call only.
        self = unsafe bytes.withUnsafeBufferPointer { unsafe Array($0) }
    }
}
