import CVmnetLinux
import Glibc
import SystemPackage

extension Socket {
    /// SO_TYPE; nil for another kind of socket. Throws ENOTSOCK for what is not a socket.
    package static func kind(of raw: Int32) throws(SystemError) -> SocketKind? {
        SocketKind(rawValue: try option(SO_TYPE, of: raw))
    }

    /// Whether the socket accepts connections rather than being one, SO_ACCEPTCONN.
    package static func isListening(_ raw: Int32) throws(SystemError) -> Bool {
        try option(SO_ACCEPTCONN, of: raw) != 0
    }

    /// Whether the socket has a peer.
    package static func isConnected(_ raw: Int32) -> Bool {
        var address = sockaddr_storage()
        var byteCount = socklen_t(MemoryLayout<sockaddr_storage>.size)
        // Safety: the storage has room for every address, and begins as `sockaddr` does.
        let result = unsafe withUnsafeMutablePointer(to: &address) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe getpeername(raw, $0, &byteCount) }
        }
        return result == 0
    }

    /// The Unix address that the socket is bound to; nil when it has none, or is another family's.
    package static func ownAddress(of raw: Int32) -> UnixAddress? {
        var address = sockaddr_un()
        var byteCount = socklen_t(MemoryLayout<sockaddr_un>.size)
        // Safety: the structure begins as `sockaddr` does, and the kernel writes at most its size.
        let result = unsafe withUnsafeMutablePointer(to: &address) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe getsockname(raw, $0, &byteCount) }
        }
        guard result == 0, address.sun_family == sa_family_t(AF_UNIX) else { return nil }
        return UnixAddress(address, byteCount: Int(byteCount))
    }

    /// The user whose process connected a Unix socket, or made its pair, SO_PEERCRED; nil for another kind of socket.
    package static func peerUser(of raw: Int32) -> UInt32? {
        // As `struct ucred` (unix(7)), which the C library declares for GNU's programs only.
        var peer: (process: Int32, user: UInt32, group: UInt32) = (0, 0, 0)
        let expected = socklen_t(MemoryLayout.size(ofValue: peer))
        var byteCount = expected
        // Safety: the kernel writes at most the structure's size.
        guard unsafe getsockopt(raw, SOL_SOCKET, SO_PEERCRED, &peer, &byteCount) == 0, byteCount == expected else {
            return nil
        }
        return peer.user
    }

    /// Asks for room of `byteCount` to send and to receive; the kernel grants what net.core.[rw]mem_max allows.
    ///
    /// For datagrams between sockets connected to each other, the sender's room is the depth of the queue.
    package static func setBuffers(_ raw: Int32, byteCount: Int) {
        for option in [SO_SNDBUF, SO_RCVBUF] { ask(raw, option, for: byteCount) }
    }

    /// Asks for room of `byteCount` to send where a Unix socket has less; the kernel grants what net.core.wmem_max allows, and
    /// counts twice that, its own structures included (socket(7), SO_SNDBUF). TCP finds out for itself.
    package static func deepen(_ raw: Int32, toSend byteCount: Int) {
        guard (try? option(SO_DOMAIN, of: raw)) == AF_UNIX, let granted = try? option(SO_SNDBUF, of: raw),
            granted / 2 < byteCount
        else { return }
        ask(raw, SO_SNDBUF, for: byteCount)
    }

    private static func ask(_ raw: Int32, _ option: Int32, for byteCount: Int) {
        var value = Int32(clamping: byteCount)
        // Safety: an option of the size of an integer. A refusal leaves the default, which works, only slower.
        _ = unsafe setsockopt(raw, SOL_SOCKET, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Whether the other end has closed a connection, as `poll` sees it at this moment.
    package static func hasHungUp(_ raw: Int32) -> Bool {
        var entry = pollfd(fd: raw, events: Int16(EPOLLRDHUP.rawValue), revents: 0)
        // Safety: one entry.
        let count = unsafe poll(&entry, 1, 0)
        return count == 1 && Int32(entry.revents) & (POLLHUP | Int32(EPOLLRDHUP.rawValue) | POLLERR | POLLNVAL) != 0
    }

    private static func option(_ name: Int32, of raw: Int32) throws(SystemError) -> Int32 {
        var value: Int32 = 0
        var byteCount = socklen_t(MemoryLayout<Int32>.size)
        try SystemCall.run("read an option of the socket \(raw)") {
            // Safety: an option of the size of an integer.
            unsafe getsockopt(raw, SOL_SOCKET, name, &value, &byteCount)
        }
        return value
    }
}
