/// Writers of network byte order, and of the little-endian of virtio, into bytes that are there already. Each traps out of
/// bounds.
extension MutableSpan<UInt8> {
    @inlinable @inline(__always)
    package mutating func store(be16 value: UInt16, at offset: Int) {
        store(bytesOf: value.bigEndian, at: offset)
    }

    @inlinable @inline(__always)
    package mutating func store(le16 value: UInt16, at offset: Int) {
        store(bytesOf: value.littleEndian, at: offset)
    }

    @inlinable @inline(__always)
    package mutating func store(be32 value: UInt32, at offset: Int) {
        store(bytesOf: value.bigEndian, at: offset)
    }

    @inlinable @inline(__always)
    mutating func store<Word: FixedWidthInteger & BitwiseCopyable>(bytesOf word: Word, at offset: Int) {
        // Safety: bounds are checked, and any bytes are bytes.
        unsafe withUnsafeMutableBytes { bytes in
            precondition(offset >= 0 && offset <= bytes.count &- MemoryLayout<Word>.size)
            unsafe bytes.storeBytes(of: word, toByteOffset: offset, as: Word.self)
        }
    }
}
