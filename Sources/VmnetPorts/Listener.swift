import SystemPackage
package import VmnetSystem

/// A path that guests connect to, each becoming a transport of its own: `stream:PATH`, `bess:PATH`.
///
/// The network's loop waits for `descriptor` to be readable unless `isPaused`. Called with the network's lock held.
package final class Listener {
    private let socket: BoundSocket
    private let buffers: TransportBuffers
    private let notice: (String) -> Void
    /// Given up for the moment that it takes to turn a guest away when this process has no descriptor left: otherwise
    /// the guest would wait, and the loop would spin over it.
    private var reserve: Descriptor?
    private var refusedGuests = 0

    /// - Parameters:
    ///   - socket: bound, of kind `.stream` or `.seqpacket`.
    ///   - buffers: the network's, for the transports.
    ///   - notice: told why a guest was turned away, with the network's lock held; once until one is accepted again.
    package init(
        _ socket: consuming BoundSocket, buffers: TransportBuffers, notice: @escaping (String) -> Void
    ) throws(SystemError) {
        precondition(socket.kind != .datagram)
        reserve = try Descriptor.duplicate(socket.descriptor)
        self.socket = socket
        self.buffers = buffers
        self.notice = notice
    }

    package var descriptor: Int32 { socket.descriptor }
    package var path: String { socket.path }

    /// Whether not even a guest can be turned away, for want of a descriptor. The loop then stops waiting for
    /// `descriptor`, and calls `resume` when a second has passed or a port has gone.
    package private(set) var isPaused = false

    /// Accepts the guests that wait, at most `limit` of them, and hands each one's transport to `body`.
    package func accept(limit: Int = 64, _ body: (any Transport) -> Void) {
        for _ in 0..<limit {
            do throws(SystemError) {
                guard let connection = try Socket.accept(socket.descriptor) else { return }
                body(try transport(over: connection))
                refusedGuests = 0
            } catch {
                guard turnAway(error) else { return }
            }
        }
    }

    /// Tries again after a pause.
    package func resume() {
        if reserve == nil { reserve = try? Descriptor.duplicate(socket.descriptor) }
        isPaused = reserve == nil
    }

    private func transport(over connection: consuming Descriptor) throws(SystemError) -> any Transport {
        switch socket.kind {
        case .seqpacket: try SeqpacketPort(connection, buffers: buffers)
        case .stream, .datagram: try StreamPort(connection, buffers: buffers)
        }
    }

    /// Closes the connection of a guest that there is no descriptor for. Returns whether to go on accepting.
    private func turnAway(_ error: SystemError) -> Bool {
        if refusedGuests == 0 { notice("\(path): a guest was turned away: \(error)") }
        refusedGuests += 1
        reserve = nil
        let isClosed = (try? Socket.accept(socket.descriptor)) != nil
        resume()
        return isClosed
    }
}
