import Glibc
import Synchronization

/// Standard error for log lines, which are written with a network's lock held: a line for which a pipe or terminal has no
/// room, because nobody reads it, is dropped, and the next that finds room says how many were.
package struct LogStream: TextOutputStream, Sendable {
    private let droppedCount = Count()

    package init() {}

    /// Takes one line.
    package mutating func write(_ line: String) {
        guard Self.hasRoom else {
            droppedCount.value.add(1, ordering: .relaxed)
            return
        }
        let dropped = droppedCount.value.exchange(0, ordering: .relaxed)
        let notice = dropped == 0 ? "" : "openvmnet: \(dropped) lines of the log were dropped: nobody was reading\n"
        // To a pipe with room, PIPE_BUF bytes go at once (pipe(7)).
        let bytes = Array((notice + line).utf8.prefix(Int(PIPE_BUF)))
        // Safety: the array lives for the call. A line that cannot be written has nobody who could be told.
        _ = unsafe Glibc.write(STDERR_FILENO, bytes, bytes.count)
    }

    private static var hasRoom: Bool {
        var stream = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
        // Safety: one structure.
        return unsafe poll(&stream, 1, 0) == 1
    }

    private final class Count: Sendable {
        let value = Atomic(0)
    }
}
