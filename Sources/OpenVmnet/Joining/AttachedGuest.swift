import Synchronization

/// A guest that was attached by passing a descriptor.
package final class AttachedGuest: Sendable {
    /// As the network calls it.
    package let port: String
    package let network: NetworkDescription
    /// With `AttachRequest.isWhileConnected`, what keeps the guest on the network as long as this object lives. One asks at a
    /// time.
    private let connection: Mutex<AttachConnection>
    /// The connection's, readable or hung up when the network lets go of the guest.
    let descriptor: Int32

    init(port: String, network: NetworkDescription, connection: consuming sending AttachConnection) {
        self.port = port
        self.network = network
        descriptor = connection.descriptor
        self.connection = Mutex(connection)
    }

    /// Adds a port forward that ends with the guest. Returns it with the port that it really has.
    package func addForward(_ forward: PortForward) throws(VmnetError) -> PortForward {
        try connection.withLock { connection throws(VmnetError) in try connection.change(.addForward, forward) }
    }

    /// Removes one of them.
    package func removeForward(_ forward: PortForward) throws(VmnetError) {
        _ = try connection.withLock { connection throws(VmnetError) in
            try connection.change(.removeForward, forward)
        }
    }
}
