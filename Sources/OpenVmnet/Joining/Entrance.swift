package import VmnetSystem

/// A socket that clients connect to. It is closed to new ones while there is no room or no descriptor for them: then they
/// wait in its backlog, and the loop looks again after a second.
package struct Entrance: ~Copyable {
    private let socket: BoundSocket
    private let token: UInt64
    package private(set) var isPaused = false

    /// - Parameter token: what the events in the epoll set carry.
    package init(
        _ socket: consuming BoundSocket, token: UInt64, _ epoll: borrowing Epoll
    ) throws(SystemError) {
        try epoll.add(socket.descriptor, .readable, token: token)
        self.socket = socket
        self.token = token
    }

    /// The next client that waits; nil when there is none, or no descriptor for it.
    package mutating func next(_ epoll: borrowing Epoll) -> Descriptor? {
        do throws(SystemError) {
            return try Socket.accept(socket.descriptor)
        } catch {
            pause(epoll)
            return nil
        }
    }

    package mutating func pause(_ epoll: borrowing Epoll) {
        isPaused = true
        try? epoll.modify(socket.descriptor, [], token: token)
    }

    /// Looks again after a pause.
    package mutating func resume(_ epoll: borrowing Epoll) {
        isPaused = false
        try? epoll.modify(socket.descriptor, .readable, token: token)
    }
}
