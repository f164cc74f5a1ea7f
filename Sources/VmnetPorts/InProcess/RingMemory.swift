import Glibc

/// Memory that one thread writes while another reads in other places of it. Pages that nothing was written to take none.
///
/// Who may touch which bytes is the ring's business; that they lie in the memory is checked here.
@safe struct RingMemory: ~Copyable, @unchecked Sendable {
    // Safety: mapped for `capacity` bytes until deinit. Every access is checked against `capacity`.
    private let start: UnsafeMutableRawPointer
    let capacity: Int

    init(capacity: Int) {
        // Safety: the result is checked.
        let mapped = unsafe mmap(
            nil, capacity, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
        guard let mapped = unsafe mapped, unsafe mapped != MAP_FAILED else { fatalError("out of memory") }
        unsafe start = mapped
        self.capacity = capacity
    }

    deinit {
        unsafe munmap(start, capacity)
    }

    /// Copies `bytes` to `offset`.
    @inline(__always)
    func copy(_ bytes: Span<UInt8>, to offset: Int) {
        guard !bytes.isEmpty else { return }
        check(offset, bytes.count)
        // Safety: checked; the source is no part of this memory.
        unsafe bytes.withUnsafeBufferPointer { source in
            unsafe _ = memcpy(start + offset, source.baseAddress.unsafelyUnwrapped, source.count)
        }
    }

    /// Lends bytes that have been written.
    @inline(__always)
    func withBytes<R>(_ range: Range<Int>, _ body: (Span<UInt8>) -> R) -> R {
        check(range.lowerBound, range.count)
        // Safety: checked; the memory is borrowed for the body.
        let bytes = unsafe UnsafeRawBufferPointer(start: start + range.lowerBound, count: range.count)
        return unsafe bytes.withMemoryRebound(to: UInt8.self) { unsafe body(Span(_unsafeElements: $0)) }
    }

    /// Lends bytes that have been written, for changing them.
    func withMutableBytes<R>(_ range: Range<Int>, _ body: (inout MutableSpan<UInt8>) -> R) -> R {
        check(range.lowerBound, range.count)
        // Safety: checked; the memory is borrowed for the body.
        let bytes = unsafe UnsafeMutableRawBufferPointer(start: start + range.lowerBound, count: range.count)
        return unsafe bytes.withMemoryRebound(to: UInt8.self) {
            var span = unsafe MutableSpan(_unsafeElements: $0)
            return body(&span)
        }
    }

    /// Has `body` write `count` bytes at `offset`.
    func write(_ count: Int, at offset: Int, _ body: (inout OutputSpan<UInt8>) -> Void) {
        check(offset, count)
        // Safety: checked; the memory is borrowed for the body, which cannot write more than the span's capacity.
        let bytes = unsafe UnsafeMutableRawBufferPointer(start: start + offset, count: count)
        unsafe bytes.withMemoryRebound(to: UInt8.self) { elements in
            var span = unsafe OutputSpan(buffer: elements, initializedCount: 0)
            body(&span)
            let written = unsafe span.finalize(for: elements)
            precondition(written == count)
        }
    }

    /// The number at `offset`, in the machine's order.
    @inline(__always)
    func length(at offset: Int) -> Int {
        check(offset, 4)
        // Safety: checked.
        return unsafe Int((start + offset).loadUnaligned(as: UInt32.self))
    }

    @inline(__always)
    func setLength(_ length: Int, at offset: Int) {
        check(offset, 4)
        // Safety: checked.
        unsafe (start + offset).storeBytes(of: UInt32(truncatingIfNeeded: length), as: UInt32.self)
    }

    /// Gives the pages from `offset` on back to the kernel: their bytes are no longer written. `offset` is a whole page's.
    func release(from offset: Int) {
        check(offset, 0)
        // Safety: checked. It cannot fail for memory that is mapped so.
        unsafe _ = madvise(start + offset, capacity - offset, MADV_DONTNEED)
    }

    @inline(__always)
    private func check(_ offset: Int, _ count: Int) {
        precondition(offset >= 0 && count >= 0 && offset <= capacity - count)
    }
}
