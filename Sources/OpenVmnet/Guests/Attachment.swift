import VmnetNAT
import VmnetPorts
import VmnetSwitch

/// One guest on the network: its port, and the NAT that is its alone, where there is anything to translate to.
final class Attachment {
    let port: GuestPort
    /// nil in a private network that the host is not in.
    let nat: GuestNAT?
    /// Where it came from, for the log: `stream:/run/net.sock`.
    let origin: String
    /// Whether it exchanges frames with the gateway only.
    let isIsolated: Bool
    /// Who the guest says it is; nil = its MAC address tells.
    let identity: InterfaceID?
    /// What its descriptor is called where the service manager keeps it; nil when it does not.
    var storedName: String?
    /// What it may send to everybody.
    var floodLimit = FloodLimit()
    /// Whether the NAT has been called in this batch.
    var isUnfinished = false

    var id: PortID { port.id }

    /// - Parameter buffers: the network's.
    init(
        _ port: GuestPort, nat configuration: NATConfiguration?, buffers: UDPBuffers, origin: String, isIsolated: Bool,
        identity: InterfaceID?
    ) throws(NATError) {
        self.port = port
        self.identity = identity
        self.origin = origin
        self.isIsolated = isIsolated
        guard var configuration else {
            nat = nil
            return
        }
        configuration.narrowsHostWindow = port.transport.isReadBySegment
        nat = try GuestNAT(configuration: configuration, buffers: buffers) { frame, offload, urgency in
            port.deliver(frame, offload: offload, urgency: urgency)
        }
    }
}
