import VmnetSystem

/// A socket that clients connect to. It is closed to new ones while there is no room or no descriptor for them: then they
/// wait in its backlog, and the loop looks again after a second.
struct Entrance: ~Copyable {
    private let socket: BoundSocket
    private let source: ControlWakeSource
    private(set) var isPaused = false

    init(_ socket: consuming BoundSocket, _ source: ControlWakeSource, _ epoll: borrowing Epoll) throws(SystemError) {
        try epoll.add(socket.descriptor, .readable, token: source.token)
        self.socket = socket
        self.source = source
    }

    /// The next client that waits; nil when there is none, or no descriptor for it.
    mutating func next(_ epoll: borrowing Epoll) -> Descriptor? {
        do throws(SystemError) {
            return try Socket.accept(socket.descriptor)
        } catch {
            pause(epoll)
            return nil
        }
    }

    mutating func pause(_ epoll: borrowing Epoll) {
        isPaused = true
        try? epoll.modify(socket.descriptor, [], token: source.token)
    }

    /// Looks again after a pause.
    mutating func resume(_ epoll: borrowing Epoll) {
        isPaused = false
        try? epoll.modify(socket.descriptor, .readable, token: source.token)
    }
}
