import Glibc

/// A run of bytes whose capacity grows and shrinks; nothing is allocated for an empty one.
///
/// Bytes are uninitialised until written: whoever owns the storage knows which are.
@safe struct ByteStorage: ~Copyable {
    // Safety: `malloc`ed for `capacity` bytes, or nil for none; freed in deinit. Every access is checked against
    // `capacity`.
    private var start: UnsafeMutablePointer<UInt8>?
    private(set) var capacity = 0

    init() {
        unsafe start = nil
    }

    deinit {
        unsafe free(start)
    }

    /// Changes the capacity and keeps the bytes that fit.
    mutating func resize(to capacity: Int) {
        precondition(capacity >= 0)
        if capacity == 0 {
            unsafe free(start)
            unsafe start = nil
        } else {
            // Safety: the old pointer is not used again.
            guard let moved = unsafe realloc(start, capacity) else { fatalError("out of memory") }
            unsafe start = moved.assumingMemoryBound(to: UInt8.self)
        }
        self.capacity = capacity
    }

    /// Copies `bytes` to `offset`.
    @inline(__always)
    mutating func copy(_ bytes: Span<UInt8>, to offset: Int) {
        guard !bytes.isEmpty else { return }
        check(offset, bytes.count)
        // Safety: checked; the source is not this storage, which is borrowed for writing.
        unsafe bytes.withUnsafeBufferPointer { source in
            unsafe _ = memcpy(
                start.unsafelyUnwrapped + offset, source.baseAddress.unsafelyUnwrapped, source.count)
        }
    }

    /// Moves bytes within the storage; the ranges may overlap.
    mutating func move(_ range: Range<Int>, to offset: Int) {
        guard !range.isEmpty else { return }
        check(range.lowerBound, range.count)
        check(offset, range.count)
        // Safety: both ranges are checked.
        unsafe _ = memmove(start.unsafelyUnwrapped + offset, start.unsafelyUnwrapped + range.lowerBound, range.count)
    }

    /// Lends bytes that have been written.
    @inline(__always)
    func withBytes<R>(_ range: Range<Int>, _ body: (Span<UInt8>) -> R) -> R {
        check(range.lowerBound, range.count)
        // Safety: checked; the storage is borrowed for the body.
        return unsafe body(
            Span(
                _unsafeElements: UnsafeBufferPointer(
                    start: start.map { unsafe $0 + range.lowerBound }, count: range.count)))
    }

    /// Lends bytes that have been written, for changing them.
    @inline(__always)
    mutating func withMutableBytes<R>(_ range: Range<Int>, _ body: (inout MutableSpan<UInt8>) -> R) -> R {
        check(range.lowerBound, range.count)
        // Safety: checked; the storage is borrowed for the body.
        let elements = unsafe UnsafeMutableBufferPointer(
            start: start.map { unsafe $0 + range.lowerBound }, count: range.count)
        var span = unsafe MutableSpan(_unsafeElements: elements)
        return body(&span)
    }

    /// Has `body` write `count` bytes at `offset`.
    mutating func write(_ count: Int, at offset: Int, _ body: (inout OutputSpan<UInt8>) -> Void) {
        check(offset, count)
        // Safety: checked; the storage is borrowed for the body, which cannot write more than the span's capacity.
        let elements = unsafe UnsafeMutableBufferPointer(start: start.map { unsafe $0 + offset }, count: count)
        var span = unsafe OutputSpan(buffer: elements, initializedCount: 0)
        body(&span)
        let written = unsafe span.finalize(for: elements)
        precondition(written == count)
    }

    /// The 32-bit big-endian number at `offset`.
    subscript(be32 offset: Int) -> UInt32 {
        @inline(__always) get {
            check(offset, 4)
            // Safety: checked.
            return unsafe UInt32(
                bigEndian: UnsafeRawPointer(start.unsafelyUnwrapped + offset).loadUnaligned(as: UInt32.self))
        }
        @inline(__always) set {
            check(offset, 4)
            // Safety: checked.
            unsafe UnsafeMutableRawPointer(start.unsafelyUnwrapped + offset).storeBytes(
                of: newValue.bigEndian, as: UInt32.self)
        }
    }

    @inline(__always)
    private func check(_ offset: Int, _ count: Int) {
        precondition(offset >= 0 && count >= 0 && offset <= capacity - count)
    }
}
