import Glibc

/// One attempt to reach somebody, and what comes of it.
struct Probe {
    enum Kind: String, CaseIterable {
        case tcp, udp
    }

    /// In seconds, for an answer of any kind.
    private static let patience = 5

    let kind: Kind
    let peer: Endpoint

    /// `tcp 192.0.2.1:80: No route to host, 0 ms`; of UDP what the first answer to a datagram is.
    func report() throws(Failure) -> String {
        let type = kind == .tcp ? SOCK_STREAM : SOCK_DGRAM
        let descriptor = socket(AF_INET, Int32(type.rawValue), 0)
        guard descriptor >= 0 else { throw Failure(errno: "socket") }
        defer { close(descriptor) }
        var limit = timeval(tv_sec: Self.patience, tv_usec: 0)
        for option in [SO_SNDTIMEO, SO_RCVTIMEO] {
            // Safety: the value lives for the call.
            _ = unsafe setsockopt(descriptor, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
        }
        let start = Self.milliseconds()
        let outcome = attempt(descriptor)
        return "\(kind.rawValue) \(peer): \(outcome), \(Self.milliseconds() - start) ms"
    }

    private func attempt(_ descriptor: Int32) -> String {
        var peer = peer
        // Safety: the address is lent for the call.
        guard unsafe peer.withAddress({ unsafe connect(descriptor, $0, $1) }) == 0 else { return Self.lastError() }
        guard kind == .udp else { return "connected" }
        var byte: UInt8 = 0
        // Safety: one byte, which lives for the calls.
        guard unsafe send(descriptor, &byte, 1, 0) == 1, unsafe recv(descriptor, &byte, 1, 0) >= 0 else {
            return Self.lastError()
        }
        return "answered"
    }

    private static func lastError() -> String {
        // A time-out by the options above is EAGAIN of UDP's and EINPROGRESS of TCP's.
        if errno == EAGAIN || errno == EINPROGRESS { return "nothing" }
        // Safety: strerror returns a NUL-terminated string that String copies at once.
        return unsafe String(cString: strerror(errno))
    }

    private static func milliseconds() -> Int {
        var time = timespec()
        // Safety: one time, which lives for the call.
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
    }
}
