import Logging
import VmnetSystem

/// How an interface of this process comes to be a guest of a network in another one.
struct Membership: Sendable {
    private let address: AttachAddress
    private let request: AttachRequest
    /// For messages.
    let networkName: String

    init(_ address: AttachAddress, _ request: AttachRequest, networkName: String) {
        self.address = address
        self.request = request
        self.networkName = networkName
    }

    /// What the log says of whom it is about.
    var metadata: Logger.Metadata {
        ["network": "\(networkName)", "interface": "\(request.interfaceID.map { "\($0)" } ?? "-")"]
    }

    /// Whether a network that has ended may come back there.
    var isLasting: Bool { address.isLasting }

    /// Joins the network, and waits until it has answered.
    func begin(timeout: Duration = AttachConnection.timeout) throws(VmnetError) -> JoinedConnection {
        do {
            let pair = try Socket.pair(.stream)
            let connection = try AttachConnection(to: address.address, timeout: timeout)
            let guest = try connection.attach(pair.second, request)
            return JoinedConnection(guest: guest, socket: try pair.first.duplicate().release())
        } catch {
            throw VmnetError(error)
        }
    }
}

/// A guest of a network in another process, and this process's end of its wire.
struct JoinedConnection: Sendable {
    let guest: AttachedGuest
    /// To be taken over: a stream in QEMU's framing, each frame behind a virtio-net header.
    ///
    /// A record or datagram socket would carry half as many frames: the kernel makes a buffer of its own for each, and wakes
    /// the reader for each.
    let socket: Int32
}
