import OpenVmnet
import VmnetControl
import VmnetSystem

/// The network that `run` puts its command on: a private one of this process, or one that `serve` runs in another.
final class RunNetwork {
    private enum Place {
        case here(Network)
        case elsewhere(ControlClient, isIsolated: Bool)
    }

    /// The largest IP packet, in bytes.
    let mtu: Int
    let mode: OperationMode
    private let place: Place
    /// What is attached elsewhere stays there as long as this process.
    private var guests: [AttachedGuest] = []

    init(_ network: Network) {
        mtu = network.mtu
        mode = network.mode
        place = .here(network)
    }

    /// Joins the network that `client` reaches.
    ///
    /// - Parameter isIsolated: whether the command exchanges frames with the gateway only.
    init(joining client: ControlClient, _ status: StatusDocument, isIsolated: Bool) {
        mtu = status.mtu
        // One that this program does not know yet is left as it is.
        mode = OperationMode(rawValue: status.mode) ?? .bridged
        place = .elsewhere(client, isIsolated: isIsolated)
    }

    /// Attaches the guest behind a connected socket or a TAP.
    ///
    /// - Parameter origin: what the network calls it.
    func attach(_ descriptor: consuming Descriptor, origin: String) throws(VmnetError) {
        switch place {
        case .here(let network): try network.attach(descriptor, origin: origin)
        case .elsewhere(let client, let isIsolated):
            let request = AttachRequest(label: origin, isIsolated: isIsolated, isWhileConnected: true)
            guests.append(try client.attach(descriptor, request))
        }
    }
}
