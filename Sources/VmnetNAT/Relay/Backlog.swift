import Glibc
import VmnetSystem
import VmnetWire

/// Bytes of the guest that the host's socket has not taken, oldest first, in a ring: it holds what the guest has been
/// promised in as much memory, and moves none of it.
@safe final class Backlog {
    let byteCount: Int
    /// Whether its memory may have pages.
    private(set) var isWritten = false
    private(set) var count = 0
    private var head = 0
    // Safety: every access lies between 0 and `byteCount`, and what is read has been written: the `count` bytes from
    // `head` on, around the end.
    private let memory: StreamMemory

    /// nil when the host gives no more memory.
    init?(byteCount: Int) {
        guard let memory = StreamMemory(byteCount: byteCount) else { return nil }
        self.memory = memory
        self.byteCount = byteCount
    }

    var isEmpty: Bool { count == 0 }

    func removeAll() {
        head = 0
        count = 0
    }

    /// Adds a copy of `bytes`, for which there is room.
    func append(_ bytes: Span<UInt8>) {
        precondition(bytes.count <= byteCount - count)
        isWritten = true
        let tail = head + count < byteCount ? head + count : head + count - byteCount
        let first = min(bytes.count, byteCount - tail)
        // Safety: there is room, in two runs at most; the source is not this memory.
        unsafe bytes.withUnsafeBufferPointer { bytes in
            guard let source = bytes.baseAddress else { return }
            unsafe _ = memcpy(memory.start + tail, source, first)
            unsafe _ = memcpy(memory.start, source + first, bytes.count - first)
        }
        count += bytes.count
    }

    /// Sends what a socket takes of the bytes up to the end of the memory, which are removed.
    func send(to socket: Int32) -> Transfer {
        // Safety: these bytes have been written.
        let run = unsafe UnsafeBufferPointer(start: memory.start + head, count: min(count, byteCount - head))
        let outcome = unsafe Socket.send(socket, Span(_unsafeElements: run))
        if case .moved(let moved) = outcome {
            count -= moved
            head = count == 0 || head + moved == byteCount ? 0 : head + moved
        }
        return outcome
    }
}
