import CVmnetLinux
import Glibc
import SystemPackage

/// TCP and UDP sockets at an address of this host for whoever comes, non-blocking and closed on exec.
package enum InternetSocket {
    /// Connections that may wait to be accepted: bursts of hundreds are ordinary.
    package static let backlog: Int32 = 1024

    /// A TCP socket that has the address for itself, and refuses connections until `listen`.
    ///
    /// - Parameter endpoint: port 0 lets the kernel choose one.
    /// - Throws: EADDRINUSE, EADDRNOTAVAIL or EACCES, each with what to do about it.
    package static func bindStream(to endpoint: InternetEndpoint) throws(SystemError) -> Descriptor {
        guard endpoint.port == 0 else { return try claim(endpoint) }
        // A port that the kernel has chosen is lost when listening ends; one that was asked for is not. Two sockets that
        // may share an address, and do not listen, may both be bound to it.
        let choice = try stream(at: endpoint)
        guard let chosen = InternetEndpoint(nameOf: choice.raw) else {
            throw SystemError("read a socket's name", .badFileDescriptor)
        }
        let socket = try claim(chosen)
        withExtendedLifetime(choice) {}
        return socket
    }

    /// Binds a socket that keeps out whoever would share the address: only one that has listened does.
    private static func claim(_ endpoint: InternetEndpoint) throws(SystemError) -> Descriptor {
        let socket = try stream(at: endpoint)
        try listen(socket.raw, at: endpoint)
        refuse(socket.raw)
        return socket
    }

    /// Lets connections in.
    ///
    /// - Throws: EADDRINUSE when somebody else listens at the address, who has been faster.
    package static func listen(_ raw: Int32, at endpoint: InternetEndpoint) throws(SystemError) {
        // Connections of an earlier time may still be there.
        set(SOL_SOCKET, SO_REUSEADDR, 1, of: raw)
        switch SystemCall.result({ Glibc.listen(raw, backlog) }) {
        case .success: break
        case .failure(let error):
            throw SystemError("listen at \(endpoint)", error, remedy: remedy(for: error, endpoint))
        }
    }

    /// Turns away those who wait, and whoever comes, until the next `listen`; the address is kept.
    package static func refuse(_ raw: Int32) {
        _ = shutdown(raw, Int32(SHUT_RD))
        set(SOL_SOCKET, SO_REUSEADDR, 0, of: raw)
    }

    /// A UDP socket, like those of `DatagramSocket`, that has the address for itself.
    ///
    /// - Parameter endpoint: port 0 lets the kernel choose one.
    /// - Throws: EADDRINUSE, EADDRNOTAVAIL or EACCES, each with what to do about it.
    package static func bindDatagram(
        to endpoint: InternetEndpoint, bufferByteCount: Int
    ) throws(SystemError) -> Descriptor {
        let socket = try DatagramSocket.open(
            isIPv4: endpoint.isIPv4, isLocal: false, bufferByteCount: bufferByteCount)
        try bind(socket.raw, to: endpoint)
        return socket
    }

    /// Whether the kernel keeps what comes to a UDP socket, or throws it away at once. It begins with keeping it.
    package static func setDeaf(_ isDeaf: Bool, _ raw: Int32) {
        guard isDeaf else {
            set(SOL_SOCKET, SO_DETACH_FILTER, 0, of: raw)
            return
        }
        // The program of one instruction: let zero bytes pass (socket(7), SO_ATTACH_FILTER).
        var instruction = sock_filter(code: UInt16(BPF_RET | BPF_K), jt: 0, jf: 0, k: 0)
        // Safety: the kernel copies the program during the call.
        unsafe withUnsafeMutablePointer(to: &instruction) { instruction in
            var program = unsafe sock_fprog(len: 1, filter: instruction)
            _ = unsafe setsockopt(
                raw, SOL_SOCKET, SO_ATTACH_FILTER, &program, socklen_t(MemoryLayout<sock_fprog>.size))
        }
    }

    /// Makes the next close of a connection a reset, so that the peer learns that it was not served.
    package static func resetOnClose(_ raw: Int32) {
        var value = linger(l_onoff: 1, l_linger: 0)
        // Safety: an option of the size of the structure.
        _ = unsafe setsockopt(raw, SOL_SOCKET, SO_LINGER, &value, socklen_t(MemoryLayout<linger>.size))
    }

    /// Lets a connection within this host go as fast as its ends do, whatever the host's default congestion control. Call
    /// it before the connection is made, or on a listener: what it accepts does the same.
    ///
    /// BBR sets a timer before each segment, and takes the time that a reader is asleep for the path's. Reno does neither,
    /// every kernel has it, and everybody may choose it (tcp(7), tcp_allowed_congestion_control).
    package static func setUnpaced(_ raw: Int32) {
        let name: StaticString = "reno"
        // Safety: the kernel copies the name during the call. A refusal leaves the default, which works, only slower.
        _ = unsafe setsockopt(
            raw, Int32(IPPROTO_TCP), TCP_CONGESTION, name.utf8Start, socklen_t(name.utf8CodeUnitCount))
    }

    /// Lets the other end of a connection within this host be two of loopback's segments ahead of what has been read, and no
    /// more. Call it before the connection is made, for the window is scaled once (RFC 7323, 2.2).
    ///
    /// What is read is then still in the processor's cache, and is acknowledged by the read that makes room: the next segment
    /// is there when that returns. With room for more, a sender that paces fills it before it learns how fast it may go, and
    /// what overflows is lost.
    package static func narrowWindow(_ raw: Int32) {
        set(Int32(IPPROTO_TCP), TCP_WINDOW_CLAMP, narrowWindowByteCount, of: raw)
    }

    /// The longest window whose scale is 1. The kernel raises the limit as its buffer grows; the scale stays.
    private static let narrowWindowByteCount: Int32 = 2 * 65_535

    private static func stream(at endpoint: InternetEndpoint) throws(SystemError) -> Descriptor {
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = Descriptor(
            owning: try SystemCall.run("create a TCP socket") {
                socket(endpoint.isIPv4 ? AF_INET : AF_INET6, kind, 0)
            })
        let raw = descriptor.raw
        set(SOL_SOCKET, SO_REUSEADDR, 1, of: raw)
        if !endpoint.isIPv4 { set(Int32(IPPROTO_IPV6), IPV6_V6ONLY, 1, of: raw) }
        if endpoint.isLoopback { setUnpaced(raw) }
        try bind(raw, to: endpoint)
        return descriptor
    }

    private static func bind(_ raw: Int32, to endpoint: InternetEndpoint) throws(SystemError) {
        // Safety: the address is lent for the call.
        switch SystemCall.result({ unsafe endpoint.withSocketAddress { unsafe Glibc.bind(raw, $0, $1) } }) {
        case .success: break
        case .failure(let error):
            throw SystemError("bind to \(endpoint)", error, remedy: remedy(for: error, endpoint))
        }
    }

    private static func remedy(for error: Errno, _ endpoint: InternetEndpoint) -> String? {
        switch error {
        case .addressInUse: "another program has the port; stop it, or choose another port, or 0 for any that is free"
        case .addressNotAvailable: "choose an address that this host has; `ip address` lists them"
        case .permissionDenied where endpoint.port < 1024:
            "choose a port from 1024 on, or lower net.ipv4.ip_unprivileged_port_start"
        default: nil
        }
    }

    private static func set(_ level: Int32, _ option: Int32, _ value: Int32, of raw: Int32) {
        var value = value
        // Safety: an option of the size of an integer. The kernel knows each of them.
        _ = unsafe setsockopt(raw, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }
}
