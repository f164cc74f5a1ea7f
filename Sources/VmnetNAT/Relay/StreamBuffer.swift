import Glibc
import VmnetSystem
import VmnetWire

/// Bytes of one connection on their way to the guest, oldest first, in one run of memory.
///
/// ```
///  0          headroom      head          tail      touched      byteCount
/// +----------+-------------+-------------+---------+-------------+
/// | headroom | (taken)     | bytes       | (free)  | (no pages)  |
/// +----------+-------------+-------------+---------+-------------+
/// ```
///
/// Any part of them can be lent as the payload of a frame without a copy: the frame's headers are written over whatever
/// lies before it for as long as it is lent.
@safe final class StreamBuffer {
    /// Twice what is under way at most, so that no more bytes are moved than pass through; and no more than that, because
    /// a connection that never comes to rest writes all of it.
    static let byteCount = 2 * RelayedConnection.window + (128 << 10)
    /// In which the kernel gives memory.
    static let pageByteCount = 4096
    /// Room for the headers of a frame before the first byte.
    private static let headroom = 128

    /// How far it has been written to, in whole pages: the first at least.
    private(set) var touchedByteCount = StreamBuffer.pageByteCount
    private var head = StreamBuffer.headroom
    private var tail = StreamBuffer.headroom
    // Safety: `byteCount` bytes. Every access lies between 0 and that, and what is read has been written: between `head` and
    // `tail`, or saved and put back.
    private let memory: StreamMemory
    /// What a lent frame's headers cover.
    private let covered: UnsafeMutablePointer<UInt8>

    /// nil when the host gives no more memory.
    init?() {
        guard let memory = StreamMemory(byteCount: Self.byteCount) else { return nil }
        guard let covered = unsafe malloc(Self.headroom) else { return nil }
        self.memory = memory
        unsafe self.covered = covered.assumingMemoryBound(to: UInt8.self)
    }

    deinit {
        unsafe free(covered)
    }

    /// Bytes that it holds at most when it may be written to up to `reach`: no more than there is room for beside them, so
    /// that no more are moved than pass through.
    static func limit(within reach: Int) -> Int { reach * RelayedConnection.window / byteCount }

    var count: Int { tail - head }

    func removeAll() {
        head = Self.headroom
        tail = Self.headroom
    }

    /// Takes bytes off the front.
    func removeFirst(_ count: Int) {
        precondition(count >= 0 && count <= self.count)
        head += count
        if head == tail { removeAll() }
    }

    /// Adds what a socket has, at most `limit` bytes.
    ///
    /// - Parameter reach: how far the memory may be written to.
    func receive(from socket: Int32, limit: Int, within reach: Int) -> Transfer {
        makeRoom(limit, within: reach)
        // Safety: there is room now.
        let free = unsafe UnsafeMutableBufferPointer(start: memory.start + tail, count: limit)
        var span = unsafe MutableSpan(_unsafeElements: free)
        let outcome = Descriptor.read(socket, into: &span)
        if case .moved(let count) = outcome { tail += count }
        return outcome
    }

    /// Whether it has been written to further than is noted.
    var hasNewPages: Bool { tail > touchedByteCount }

    /// Notes how far it has been written to, and returns how much further that is than before.
    func touch() -> Int {
        guard hasNewPages else { return 0 }
        let before = touchedByteCount
        touchedByteCount = (tail + Self.pageByteCount - 1) / Self.pageByteCount * Self.pageByteCount
        return touchedByteCount - before
    }

    /// Lends a frame of the bytes in `range`, counted from the oldest, behind headers that `write` makes.
    ///
    /// - Parameter headerByteCount: at most 128.
    func withFrame(
        of range: Range<Int>, headerByteCount: Int, headers write: (inout OutputSpan<UInt8>) -> Void,
        _ body: (Span<UInt8>) -> Void
    ) {
        precondition(range.lowerBound >= 0 && range.upperBound <= count && headerByteCount <= Self.headroom)
        let frame = unsafe memory.start + (head + range.lowerBound - headerByteCount)
        // Safety: the frame begins in the headroom or behind it, and ends before the tail.
        unsafe _ = memcpy(covered, frame, headerByteCount)
        let room = unsafe UnsafeMutableBufferPointer(start: frame, count: headerByteCount)
        var output = unsafe OutputSpan(buffer: room, initializedCount: 0)
        write(&output)
        let written = unsafe output.finalize(for: room)
        precondition(written == headerByteCount)
        body(unsafe Span(_unsafeElements: UnsafeBufferPointer(start: frame, count: headerByteCount + range.count)))
        unsafe _ = memcpy(frame, covered, headerByteCount)
    }

    /// Sees to it that `count` bytes fit behind the tail. What is moved is at most what the buffer is told to hold, once
    /// for each time that the rest of it has been filled.
    private func makeRoom(_ count: Int, within reach: Int) {
        guard tail + count > reach else { return }
        precondition(Self.headroom + self.count + count <= reach && reach <= Self.byteCount)
        // Safety: both ranges lie in the memory.
        unsafe _ = memmove(memory.start + Self.headroom, memory.start + head, self.count)
        tail = Self.headroom + self.count
        head = Self.headroom
    }
}
