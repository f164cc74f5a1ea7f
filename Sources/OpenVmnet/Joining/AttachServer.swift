package import VmnetSystem

/// A network's attach socket, for a thread that serves other things too: what it waits for is an epoll set of its own.
package struct AttachServer: ~Copyable {
    private let epoll: Epoll
    private var entrance: Entrance
    private var desk: AttachDesk
    private var list = Epoll.EventList()

    /// Nobody is let in before `serve`.
    ///
    /// - Parameter key: what clients have to know; nil: whoever can connect is let in.
    package init(
        _ socket: consuming BoundSocket, network: Network, key: String? = nil
    ) throws(SystemError) {
        let epoll = try Epoll()
        let entrance = try Entrance(socket, token: AttachWakeSource.entrance.token, epoll)
        self.epoll = epoll
        self.entrance = entrance
        desk = AttachDesk(network, key: key)
    }

    /// Readable when there is something to serve.
    package var descriptor: Int32 { epoll.descriptor }

    /// Whether the socket is closed to new clients, until `resume`.
    package var isPaused: Bool { entrance.isPaused }

    /// Lets clients in again, a second after there was no descriptor for one.
    package mutating func resume() {
        entrance.resume(epoll)
    }

    /// Serves whoever has something to say, without waiting.
    package mutating func serve() {
        do throws(SystemError) {
            try epoll.wait(into: &list, timeout: .zero)
        } catch {
            // Only a descriptor that is not an epoll set can cause it.
            preconditionFailure("\(error)")
        }
        for index in 0..<list.count {
            switch AttachWakeSource(token: list[index].token) {
            case .entrance: admit()
            case .visitor(let number): desk.serve(number, epoll)
            case nil: break
            }
        }
    }

    /// Hangs up on everybody; guests that stay only as long as their connections leave the network.
    package mutating func close() {
        desk.close(epoll)
    }

    /// As many as there are places at the desk: more would send away those who have just come.
    private mutating func admit() {
        for _ in 0..<AttachDesk.mostVisitors {
            guard let connection = entrance.next(epoll) else { return }
            desk.admit(connection, epoll)
        }
    }
}
