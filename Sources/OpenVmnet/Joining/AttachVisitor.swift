import Glibc
import VmnetSystem

/// A client of the attach socket.
final class AttachVisitor {
    let number: UInt32
    let socket: Descriptor
    /// The guest that leaves with the connection.
    var guest: PortNumber?
    /// Those that end with the connection, with the ports that they really have.
    private(set) var forwards: [PortForward] = []
    /// As many as a guest may reasonably have; each is a descriptor of ours.
    private static let mostForwards = 256

    init(_ number: UInt32, _ socket: consuming Descriptor) {
        self.number = number
        self.socket = socket
    }

    /// Adds the forward that a request names, and says which port it has.
    func addForward(_ request: AttachRequest, to network: Network) throws(VmnetError) -> PortForward {
        let forward = try checked(request)
        guard forwards.count < Self.mostForwards else {
            throw VmnetError(
                .busy, "the guest has \(forwards.count) port forwards already", hint: "remove one that it does not need"
            )
        }
        let added = try network.addForward(forward)
        forwards.append(added)
        return added
    }

    /// Removes the forward that a request names, if it is one of these.
    func removeForward(_ request: AttachRequest, from network: Network) throws(VmnetError) -> PortForward {
        let forward = try checked(request)
        guard let place = forwards.firstIndex(where: { $0.host == forward.host }) else {
            throw VmnetError(
                .invalidConfiguration, "the guest has no forward at \(forward.host)",
                hint: "name one that was added over this connection")
        }
        let removed = forwards.remove(at: place)
        try network.removeForward(removed)
        return removed
    }

    /// Another user's guest gets ports that this user would give anybody: it may not use what this process may do.
    private func checked(_ request: AttachRequest) throws(VmnetError) -> PortForward {
        guard guest != nil else {
            throw VmnetError(
                .invalidConfiguration, "no guest has come over this connection",
                hint: "attach one first, with \"while_connected\": its forwards end with it")
        }
        let forward = try PortForward(request.forward ?? "")
        guard isForeign, !forward.isOpenToAnybody else { return forward }
        throw VmnetError(
            .notAuthorized, "'\(forward)' is not for another user's guest",
            hint: "use a TCP or UDP port from 1024 on")
    }

    /// Whether the client is another user's process, and not root's, which may do everything anyway.
    var isForeign: Bool {
        let user = Socket.peerUser(of: socket.raw)
        return user != geteuid() && user != 0
    }
}

extension PortForward {
    /// Whether any user could open it.
    fileprivate var isOpenToAnybody: Bool {
        switch host {
        case .tcp(_, let port), .udp(_, let port): port == 0 || port >= 1024
        case .unix: false
        }
    }
}
