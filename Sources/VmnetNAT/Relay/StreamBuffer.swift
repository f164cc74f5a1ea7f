import Glibc
import VmnetSystem
import VmnetWire

/// Bytes of one connection that are on their way, oldest first, in one run of memory.
///
/// ```
///  0          headroom      head          tail            byteCount
/// +----------+-------------+-------------+---------------+
/// | headroom | (taken)     | bytes       | (free)        |
/// +----------+-------------+-------------+---------------+
/// ```
///
/// Any part of them can be lent as the payload of a frame without a copy: the frame's headers are written over whatever
/// lies before it for as long as it is lent.
@safe final class StreamBuffer {
    /// Twice what is under way at most, so that no more bytes are moved than pass through; and no more than that, because
    /// a connection that never comes to rest writes all of it.
    static let byteCount = 2 * RelayedConnection.window + (128 << 10)
    /// Room for the headers of a frame before the first byte.
    private static let headroom = 128

    // Safety: `malloc`ed for `byteCount` bytes, freed in deinit. Every access lies between 0 and `byteCount`, and what is
    // read has been written: between `head` and `tail`, or saved and put back.
    private let start: UnsafeMutablePointer<UInt8>
    private var head = StreamBuffer.headroom
    private var tail = StreamBuffer.headroom
    /// What a lent frame's headers cover.
    private let covered: UnsafeMutablePointer<UInt8>

    init() {
        guard let start = unsafe malloc(Self.byteCount), let covered = unsafe malloc(Self.headroom) else {
            fatalError("out of memory")
        }
        unsafe self.start = start.assumingMemoryBound(to: UInt8.self)
        unsafe self.covered = covered.assumingMemoryBound(to: UInt8.self)
        // The first frame covers bytes that nobody has written.
        unsafe memset(start, 0, Self.headroom)
    }

    deinit {
        unsafe free(start)
        unsafe free(covered)
    }

    var count: Int { tail - head }
    var isEmpty: Bool { head == tail }

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

    /// Adds a copy of `bytes`, for which there is room: see `byteCount`.
    func append(_ bytes: Span<UInt8>) {
        makeRoom(bytes.count)
        // Safety: there is room now; the source is not this memory.
        unsafe bytes.withUnsafeBufferPointer { bytes in
            guard let source = bytes.baseAddress else { return }
            unsafe _ = memcpy(start + tail, source, bytes.count)
        }
        tail += bytes.count
    }

    /// Adds what a socket has, at most `limit` bytes.
    func receive(from socket: Int32, limit: Int) -> Transfer {
        makeRoom(limit)
        // Safety: there is room now.
        let free = unsafe UnsafeMutableBufferPointer(start: start + tail, count: limit)
        var span = unsafe MutableSpan(_unsafeElements: free)
        let outcome = Descriptor.read(socket, into: &span)
        if case .moved(let count) = outcome { tail += count }
        return outcome
    }

    /// Sends what a socket takes of the bytes, which are removed.
    func send(to socket: Int32) -> Transfer {
        // Safety: these bytes have been written.
        let outcome = unsafe Socket.send(
            socket, Span(_unsafeElements: UnsafeBufferPointer(start: start + head, count: count)))
        if case .moved(let count) = outcome { removeFirst(count) }
        return outcome
    }

    /// Lends a frame of the bytes in `range`, counted from the oldest, behind headers that `write` makes.
    ///
    /// - Parameter headerByteCount: at most 128.
    func withFrame(
        of range: Range<Int>, headerByteCount: Int, headers write: (inout OutputSpan<UInt8>) -> Void,
        _ body: (Span<UInt8>) -> Void
    ) {
        precondition(range.lowerBound >= 0 && range.upperBound <= count && headerByteCount <= Self.headroom)
        let frame = unsafe start + (head + range.lowerBound - headerByteCount)
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
    private func makeRoom(_ count: Int) {
        guard tail + count > Self.byteCount else { return }
        precondition(Self.headroom + self.count + count <= Self.byteCount)
        // Safety: both ranges lie in the memory.
        unsafe _ = memmove(start + Self.headroom, start + head, self.count)
        tail = Self.headroom + self.count
        head = Self.headroom
    }
}

/// The stream buffers of one guest: the last one used is the next one taken, because it is still in the processor's
/// cache; and there are only so many.
struct StreamBufferPool {
    /// Together 1.1 GiB, if a guest has so many connections that are all as full as they can be.
    static let capacity = 1024
    /// What is kept for the next connection.
    private static let keptCount = 4

    private var free: [StreamBuffer] = []
    private(set) var usedCount = 0

    /// Whether there is one more buffer.
    var hasRoom: Bool { usedCount < Self.capacity }

    /// An empty buffer; nil when all are in use.
    mutating func take() -> StreamBuffer? {
        guard hasRoom else { return nil }
        usedCount += 1
        return free.popLast() ?? StreamBuffer()
    }

    mutating func put(_ buffer: StreamBuffer) {
        usedCount -= 1
        guard free.count < Self.keptCount else { return }
        buffer.removeAll()
        free.append(buffer)
    }
}
