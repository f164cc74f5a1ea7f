import Glibc
import SystemPackage
import VmnetSystem

/// Standard output and standard error, written at once: no buffer to flush, none to lose.
enum StandardStream: Int32 {
    case output = 1
    case error = 2

    /// Writes all of the text. Throws when that cannot be, as on a full disk; a reader that has gone is no error.
    func write(_ text: String) throws(SystemError) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            // Safety: the buffer lives for the call.
            let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(rawValue, $0.baseAddress, $0.count) }
            if count >= 0 {
                rest = rest.dropFirst(count)
                continue
            }
            switch Errno(rawValue: errno) {
            case .interrupted: continue
            case .brokenPipe: return
            case .wouldBlock: waitForRoom()
            case let error: throw SystemError("write to standard \(self)", error)
            }
        }
    }

    /// Somebody else made the stream non-blocking.
    private func waitForRoom() {
        var stream = pollfd(fd: rawValue, events: Int16(POLLOUT), revents: 0)
        // Safety: one structure.
        _ = unsafe poll(&stream, 1, -1)
    }

    /// Opens /dev/null for standard streams that this process was started without: otherwise the first descriptors of
    /// its own would get their numbers, and what is printed.
    static func openMissing() {
        for number: Int32 in 0...2 where fcntl(number, F_GETFD) < 0 {
            // The lowest free number is this one. Safety: the string lives for the call.
            _ = unsafe open("/dev/null", O_RDWR)
        }
    }
}
