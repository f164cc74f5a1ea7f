import CSlirp
import Glibc
import Synchronization

/// What is the process's and not one instance's: libslirp's version and start, its log, signals, the right to ping.
package enum SlirpLibrary {
    /// `4.7.0`.
    // Safety: a constant string of the library.
    package static let version = unsafe String(cString: slirp_version_string())

    /// Messages of libslirp and about it since the start. None is printed: a guest could fill a disk with them.
    package static var messageCount: UInt64 { log.count.load(ordering: .relaxed) }

    /// The last message, once; nil when there was none since the last call. For a log that limits its own rate.
    package static func takeLastMessage() -> String? {
        log.last.withLock { last in
            defer { last = nil }
            return last
        }
    }

    /// Whether the library is `major.minor` or later.
    static func isAtLeast(_ major: Int, _ minor: Int, version: String = SlirpLibrary.version) -> Bool {
        let numbers = version.split(separator: ".").prefix(2).map { Int($0.prefix(while: \.isNumber)) ?? 0 }
        guard numbers.count == 2 else { return false }
        return (numbers[0], numbers[1]) >= (major, minor)
    }

    /// Whether the kernel gives this process ping sockets (`net.ipv4.ping_group_range`). Where it does not, libslirp
    /// falls back to raw sockets that take in anybody's ICMP, or to datagrams to port 7.
    static let canPing: Bool = {
        let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), Int32(IPPROTO_ICMP))
        if descriptor >= 0 { close(descriptor) }
        return descriptor >= 0
    }()

    /// Serialises `slirp_new`, whose first call sets up the library's globals.
    static let creation = Mutex(())

    static let log = SlirpLog()
}

/// Where libslirp's messages go instead of standard error.
final class SlirpLog: Sendable {
    let count = Atomic<UInt64>(0)
    let last = Mutex<String?>(nil)

    fileprivate init() {
        let all = GLogLevelFlags(rawValue: GLogLevelFlags.RawValue(bitPattern: ~3))
        let handler: GLogFunc = { _, _, message, _ in
            // Safety: GLib passes a C string or NULL.
            SlirpLibrary.log.note(unsafe message.map { unsafe String(cString: $0) } ?? "")
        }
        // Safety: the handler has no context; GLib copies the domain.
        unsafe _ = g_log_set_handler("Slirp", all, handler, nil)
        // G_DEBUG=fatal-criticals would let a guest abort the process; what GLib itself calls an error still does.
        _ = g_log_set_always_fatal(G_LOG_LEVEL_ERROR)
    }

    func note(_ message: String) {
        count.wrappingAdd(1, ordering: .relaxed)
        last.withLock { $0 = message }
    }
}
