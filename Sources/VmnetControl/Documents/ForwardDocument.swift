import OpenVmnet
import VmnetWire

/// One port forward: what `POST /v1/forwards` and `DELETE /v1/forwards/FORWARD` answer.
package struct ForwardDocument: Codable, Equatable, Sendable {
    package var version = ControlJSON.version
    /// As on the command line, with the port that it really has.
    package var forward: String
    /// The address that it leads to; missing while it waits.
    package var guest: String?
    /// Why it leads nowhere yet; missing when it leads to a guest.
    package var waiting: String?
    package var openConnections: Int
    package var acceptedConnections: UInt64
    package var refusedConnections: UInt64
    /// From clients to guests.
    package var receivedDatagrams: UInt64
    /// From guests to clients.
    package var sentDatagrams: UInt64
}

extension ForwardDocument {
    init(_ status: ForwardStatus) {
        self.init(
            forward: "\(status.forward)", openConnections: status.openConnections,
            acceptedConnections: status.acceptedConnections, refusedConnections: status.refusedConnections,
            receivedDatagrams: status.receivedDatagrams, sentDatagrams: status.sentDatagrams)
        switch status.guest {
        case .present(let address): guest = "\(address)"
        case .waiting(let reason): waiting = reason
        }
    }
}

/// `GET /v1/forwards`.
package struct ForwardsDocument: Codable, Equatable, Sendable {
    package var version = ControlJSON.version
    package var forwards: [ForwardDocument]
}

/// What `POST /v1/forwards` takes.
package struct ForwardRequest: Codable, Equatable, Sendable {
    /// As on the command line: `tcp:8080:80`.
    package var forward: String
}
