/// Writers of network byte order. Each traps when the capacity is used up: reserve `byteCount` first.
extension OutputSpan<UInt8> {
    @inlinable @inline(__always)
    package mutating func append(be16 value: UInt16) {
        append(bytesOf: value.bigEndian)
    }

    @inlinable @inline(__always)
    package mutating func append(be32 value: UInt32) {
        append(bytesOf: value.bigEndian)
    }

    /// The low 48 bits of `value`, as in a MAC address.
    @inlinable @inline(__always)
    package mutating func append(be48 value: UInt64) {
        append(be16: UInt16(truncatingIfNeeded: value >> 32))
        append(be32: UInt32(truncatingIfNeeded: value))
    }

    @inlinable @inline(__always)
    package mutating func append(be64 value: UInt64) {
        append(bytesOf: value.bigEndian)
    }

    @inlinable @inline(__always)
    package mutating func append(le16 value: UInt16) {
        append(bytesOf: value.littleEndian)
    }

    package mutating func append(_ bytes: Span<UInt8>) {
        // Safety: the pointer is used during the call only.
        unsafe bytes.withUnsafeBytes { unsafe append(memory: $0) }
    }

    @inlinable @inline(__always)
    mutating func append<Word: BitwiseCopyable>(bytesOf word: Word) {
        // Safety: the pointer is used during the call only.
        unsafe withUnsafeBytes(of: word) { unsafe append(memory: $0) }
    }

    /// One copy for all of `source`, where an element at a time would check the capacity for each byte.
    @inlinable @inline(__always)
    mutating func append(memory source: UnsafeRawBufferPointer) {
        // Safety: what is copied fits behind what is initialised, and bytes need no more initialisation than a copy.
        unsafe withUnsafeMutableBufferPointer { buffer, initializedCount in
            precondition(source.count <= buffer.count &- initializedCount, "the output span is full")
            let free = UnsafeMutableRawBufferPointer(buffer.extracting(initializedCount...))
            unsafe free.copyMemory(from: source)
            initializedCount &+= source.count
        }
    }
}
