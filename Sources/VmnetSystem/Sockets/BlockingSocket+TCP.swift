import CVmnetLinux
import Glibc

/// Stream sockets. Addresses are IPv4, in host order.
extension BlockingSocket {
    /// Listens on 127.0.0.1, at a port that the kernel chooses: nobody outside this host can connect.
    package static func listenOnLoopback() throws(SystemError) -> BlockingSocket {
        let socket = try tcp()
        let raw = socket.descriptor.raw
        // Safety: the kernel copies the address during the call.
        try unsafe withSocketAddress(0x7f00_0001, port: 0) { address, length throws(SystemError) in
            _ = try SystemCall.run("bind a socket to 127.0.0.1") { unsafe bind(raw, address, length) }
        }
        try SystemCall.run("listen on 127.0.0.1") { listen(raw, 16) }
        return socket
    }

    /// Connects within `timeout`, which then also bounds every later call.
    package static func connect(
        to address: UInt32, port: UInt16, timeout: Duration
    ) throws(SystemError) -> BlockingSocket {
        let socket = try tcp()
        let raw = socket.descriptor.raw
        try socket.setTimeout(timeout)
        // Safety: the kernel copies the address during the call.
        try unsafe withSocketAddress(address, port: port) { address, length throws(SystemError) in
            _ = try SystemCall.run("connect to port \(port)") { unsafe Glibc.connect(raw, address, length) }
        }
        return socket
    }

    /// The port of a listening socket.
    package var port: UInt16 {
        get throws(SystemError) {
            let raw = descriptor.raw
            var name = sockaddr_in()
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            // Safety: the kernel writes at most `length` bytes; sockaddr_in begins as every sockaddr does.
            try unsafe withUnsafeMutablePointer(to: &name) { pointer throws(SystemError) in
                _ = try SystemCall.run("read a socket's port") {
                    unsafe getsockname(
                        raw, UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: sockaddr.self), &length)
                }
            }
            return UInt16(bigEndian: name.sin_port)
        }
    }

    /// Waits for a client. Throws EINVAL once the socket was shut down.
    package borrowing func accept() throws(SystemError) -> BlockingSocket {
        let raw = descriptor.raw
        return BlockingSocket(
            Descriptor(
                owning: try SystemCall.run("accept a connection") {
                    ovn_accept4(raw, Int32(SOCK_CLOEXEC.rawValue))
                }))
    }

    private static func tcp() throws(SystemError) -> BlockingSocket {
        BlockingSocket(
            Descriptor(
                owning: try SystemCall.run("create a TCP socket") {
                    socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), Int32(IPPROTO_TCP))
                }))
    }
}

/// Lends the C form of an IPv4 address.
func withSocketAddress<Value>(
    _ address: UInt32, port: UInt16,
    _ body: (UnsafePointer<sockaddr>, socklen_t) throws(SystemError) -> Value
) throws(SystemError) -> Value {
    let name = sockaddr_in(
        sin_family: sa_family_t(AF_INET), sin_port: port.bigEndian, sin_addr: in_addr(s_addr: address.bigEndian),
        sin_zero: (0, 0, 0, 0, 0, 0, 0, 0))
    // Safety: sockaddr_in begins as every sockaddr does, and the length says how much is there.
    return try unsafe withUnsafePointer(to: name) { pointer throws(SystemError) in
        try unsafe body(
            UnsafeRawPointer(pointer).assumingMemoryBound(to: sockaddr.self),
            socklen_t(MemoryLayout<sockaddr_in>.size))
    }
}
