import CSlirp
import Glibc

/// A socket of a program on the host, on 127.0.0.1, that never blocks. A call that fails stops the process.
final class HostSocket {
    let descriptor: Int32
    private var isOwned = true

    /// Takes over a socket.
    convenience init(adopting descriptor: Int32) {
        self.init(descriptor)
    }

    /// A connection to a listener at 127.0.0.1.
    static func stream(to port: UInt16) -> HostSocket {
        let client = HostSocket(socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0))
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        name.sin_port = port.bigEndian
        // Safety: a sockaddr_in is a sockaddr to the call.
        let result = unsafe withUnsafePointer(to: &name) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe Glibc.connect(client.descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        precondition(result == 0, "connect: errno \(errno)")
        precondition(fcntl(client.descriptor, F_SETFL, O_NONBLOCK) == 0)
        return client
    }

    private init(_ descriptor: Int32) {
        precondition(descriptor >= 0, "a host socket: errno \(errno)")
        self.descriptor = descriptor
    }

    deinit {
        if isOwned { close(descriptor) }
    }

    /// Gives the descriptor away.
    func release() -> Int32 {
        isOwned = false
        return descriptor
    }

    static func listener(on address: UInt32 = INADDR_LOOPBACK, port: UInt16 = 0) -> HostSocket {
        let listener = HostSocket(socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0))
        listener.bind(to: address, port)
        precondition(listen(listener.descriptor, 64) == 0)
        return listener
    }

    static func datagram(on address: UInt32 = INADDR_LOOPBACK, port: UInt16 = 0) -> HostSocket {
        let socket = HostSocket(socket(AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue), 0))
        socket.bind(to: address, port)
        return socket
    }

    private func bind(to address: UInt32, _ port: UInt16) {
        // A fixed port may still be in use by a connection of the last run that was closed.
        var isReused: Int32 = 1
        // Safety: the kernel reads one integer.
        _ = unsafe setsockopt(
            descriptor, SOL_SOCKET, SO_REUSEADDR, &isReused, socklen_t(MemoryLayout<Int32>.size))
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_addr.s_addr = address.bigEndian
        name.sin_port = port.bigEndian
        // Safety: a sockaddr_in is a sockaddr to the call.
        let result = unsafe withUnsafePointer(to: &name) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe Glibc.bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        precondition(result == 0, "bind: errno \(errno)")
    }

    /// The port it is bound to.
    var port: UInt16 {
        var name = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        // Safety: a sockaddr_in is a sockaddr to the call.
        _ = unsafe withUnsafeMutablePointer(to: &name) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe getsockname(descriptor, $0, &size)
            }
        }
        return UInt16(bigEndian: name.sin_port)
    }

    /// A connection that waits to be accepted.
    func accept() -> HostSocket? {
        let accepted = Glibc.accept(descriptor, nil, nil)
        guard accepted >= 0 else { return nil }
        precondition(fcntl(accepted, F_SETFL, O_NONBLOCK) == 0)
        return HostSocket(accepted)
    }

    /// What has arrived: nil when nothing has, empty at the end of the stream.
    func receive(_ count: Int = 65536) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        // Safety: the kernel writes at most `count` bytes.
        let received = unsafe recv(descriptor, &bytes, count, 0)
        return received < 0 ? nil : Array(bytes.prefix(received))
    }

    /// Sends what the kernel takes; the number of bytes.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Int {
        // Safety: the kernel reads `count` bytes.
        max(0, unsafe Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)))
    }

    /// Receives a datagram and sends it back to where it came from.
    func echoDatagram() -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: 65536)
        var name = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        // Safety: a sockaddr_in is a sockaddr to the calls; lengths are those of the buffers.
        return unsafe withUnsafeMutablePointer(to: &name) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { peer in
                let received = unsafe recvfrom(descriptor, &bytes, bytes.count, 0, peer, &size)
                guard received >= 0 else { return nil }
                precondition(unsafe sendto(descriptor, bytes, received, 0, peer, size) == received)
                return Array(bytes.prefix(received))
            }
        }
    }

    func shutdownWriting() {
        shutdown(descriptor, Int32(SHUT_WR))
    }

    /// Has a socket, or those that a listener accepts, keep about twice so many bytes until they are read.
    static func setReceiveBuffer(_ byteCount: Int32, of descriptor: Int32) {
        var size = byteCount
        // Safety: the kernel reads one integer.
        _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Makes the next close a reset.
    func resetOnClose() {
        var option = linger(l_onoff: 1, l_linger: 0)
        // Safety: the kernel reads one structure.
        _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }
}
