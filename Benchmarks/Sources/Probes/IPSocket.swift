import CLinux
import Glibc

/// An IPv4 socket. A value: whoever opened it closes it, or leaves that to the end of the process.
package struct IPSocket: Sendable {
    package enum Kind: Sendable { case tcp, udp }

    package let descriptor: Int32

    /// - Parameter isBlocking: whether calls wait; one that does gives up after two seconds.
    package init(_ kind: Kind, isBlocking: Bool = true) throws(SystemFailure) {
        let type = Int32((kind == .tcp ? SOCK_STREAM : SOCK_DGRAM).rawValue | SOCK_CLOEXEC.rawValue)
        descriptor = socket(AF_INET, isBlocking ? type : type | Int32(SOCK_NONBLOCK.rawValue), 0)
        guard descriptor >= 0 else { throw SystemFailure("socket") }
        if isBlocking { limitWaiting(to: 2_000) }
        if kind == .tcp { set(Int32(IPPROTO_TCP), TCP_NODELAY, 1) }
    }

    package init(descriptor: Int32) { self.descriptor = descriptor }

    package func closeNow() { close(descriptor) }

    /// How long a blocking call waits before it fails with EAGAIN (a connect: EINPROGRESS).
    package func limitWaiting(to milliseconds: Int) {
        var limit = timeval(tv_sec: milliseconds / 1000, tv_usec: milliseconds % 1000 * 1000)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            // Safety: the kernel reads one timeval.
            _ = unsafe setsockopt(descriptor, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
        }
    }

    package func set(_ level: Int32, _ option: Int32, _ value: Int32) {
        var value = value
        // Safety: the kernel reads one Int32.
        _ = unsafe setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    package func bind(to endpoint: Endpoint) throws(SystemFailure) {
        set(SOL_SOCKET, SO_REUSEADDR, 1)
        // Safety: the address is lent for the call.
        let result = unsafe endpoint.withSocketAddress { unsafe Glibc.bind(descriptor, $0, $1) }
        guard result == 0 else { throw SystemFailure("bind") }
    }

    package func listen() throws(SystemFailure) {
        guard Glibc.listen(descriptor, 4096) == 0 else { throw SystemFailure("listen") }
    }

    /// A connection in progress is a success: for sockets that do not block.
    package func connect(to endpoint: Endpoint) throws(SystemFailure) {
        // Safety: the address is lent for the call.
        let result = unsafe endpoint.withSocketAddress { unsafe Glibc.connect(descriptor, $0, $1) }
        guard result != 0 else { return }
        guard errno == EINPROGRESS else { throw SystemFailure("connect") }
        // A call that waits says the same when it has waited long enough.
        guard isNonBlocking else { throw SystemFailure("connect", number: ETIMEDOUT) }
    }

    private var isNonBlocking: Bool { fcntl(descriptor, F_GETFL) & O_NONBLOCK != 0 }

    /// Nil when nobody waits.
    package func accept(isBlocking: Bool) -> IPSocket? {
        let connection = Glibc.accept(descriptor, nil, nil)
        guard connection >= 0 else { return nil }
        if !isBlocking { _ = fcntl(connection, F_SETFL, O_NONBLOCK) }
        let socket = IPSocket(descriptor: connection)
        socket.set(Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        return socket
    }

    /// Sends what it can of `bytes`; -1 when that is nothing.
    package func send(_ bytes: borrowing [UInt8], count: Int) -> Int {
        // Safety: no more than the array's octets are read.
        unsafe bytes.withUnsafeBytes {
            unsafe Glibc.send(descriptor, $0.baseAddress, min(count, $0.count), Int32(MSG_NOSIGNAL))
        }
    }

    /// Receives into the whole of `bytes`: 0 at the end, -1 for a failure.
    package func receive(into bytes: inout [UInt8]) -> Int {
        // Safety: no more than the array holds is written.
        unsafe bytes.withUnsafeMutableBytes { unsafe recv(descriptor, $0.baseAddress, $0.count, 0) }
    }
}
