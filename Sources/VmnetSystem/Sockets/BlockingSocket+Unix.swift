/// Unix sockets.
extension BlockingSocket {
    /// Connects to the socket bound at `path`; `timeout` bounds every later call.
    package static func connect(
        _ kind: SocketKind, to path: String, timeout: Duration
    ) throws(SystemError) -> BlockingSocket {
        let descriptor = try Socket.connect(kind, to: path)
        try descriptor.setNonBlocking(false)
        let socket = BlockingSocket(descriptor)
        try socket.setTimeout(timeout)
        return socket
    }
}
