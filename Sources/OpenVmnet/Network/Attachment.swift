import VmnetPorts
import VmnetSlirp
import VmnetSwitch

/// One guest on the network: its port, and the NAT that is its alone.
struct Attachment {
    let port: GuestPort
    let nat: SlirpNAT
    /// Where it came from, for the log: `stream:/run/net.sock`.
    let origin: String

    var id: PortID { port.id }

    init(_ port: GuestPort, nat configuration: SlirpConfiguration, origin: String) throws(SlirpError) {
        self.port = port
        self.origin = origin
        nat = try SlirpNAT(configuration: configuration) { frame, offload, urgency in
            port.deliver(frame, offload: offload, urgency: urgency)
        }
    }
}
