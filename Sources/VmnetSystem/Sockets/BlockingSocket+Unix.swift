/// Unix sockets.
extension BlockingSocket {
    /// Connects to the socket bound at `path`; `timeout` bounds every later call.
    package static func connect(
        _ kind: SocketKind, to path: String, timeout: Duration
    ) throws(SystemError) -> BlockingSocket {
        try connect(kind, to: UnixAddress(path: path, for: "connect to"), timeout: timeout)
    }

    /// The same for an address that may be abstract.
    package static func connect(
        _ kind: SocketKind, to address: UnixAddress, timeout: Duration
    ) throws(SystemError) -> BlockingSocket {
        let descriptor = try Socket.connect(kind, to: address)
        try descriptor.setNonBlocking(false)
        let socket = BlockingSocket(descriptor)
        try socket.setTimeout(timeout)
        return socket
    }
}
