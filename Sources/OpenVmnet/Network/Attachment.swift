import VmnetNAT
import VmnetPorts
import VmnetSwitch

/// One guest on the network: its port, and the NAT that is its alone.
final class Attachment {
    let port: GuestPort
    let nat: GuestNAT
    /// Where it came from, for the log: `stream:/run/net.sock`.
    let origin: String
    /// Whether it exchanges frames with the gateway only.
    let isIsolated: Bool
    /// Whether the NAT has been called in this batch.
    var isUnfinished = false

    var id: PortID { port.id }

    /// - Parameter buffers: the network's.
    init(
        _ port: GuestPort, nat configuration: NATConfiguration, buffers: UDPBuffers, origin: String, isIsolated: Bool
    ) throws(NATError) {
        self.port = port
        self.origin = origin
        self.isIsolated = isIsolated
        nat = try GuestNAT(configuration: configuration, buffers: buffers) { frame, offload, urgency in
            port.deliver(frame, offload: offload, urgency: urgency)
        }
    }
}
