import Logging
import VmnetPorts
import VmnetSwitch

/// Everything of a network that its lock guards.
///
/// A frame goes one way through it: a transport reads a batch, the switch decides, services answer or the guest's NAT
/// takes it; what comes back is queued at ports and flushed once, at the end of the batch.
struct NetworkState: ~Copyable {
    let configuration: ResolvedConfiguration
    let events: NetworkEvents
    let logger: Logger
    let buffers = TransportBuffers()
    let flushList = FlushList()

    var `switch`: Switch
    var dhcp: DHCPService
    var neighbours = NeighbourTable()
    var attachments: [PortID: Attachment] = [:]
    var listeners: [NamedListener] = []
    /// When listeners are tried again that had no descriptor left for a guest.
    var resumption: ContinuousClock.Instant?
    /// Attachments whose NAT has a deadline.
    var timed: Set<PortID> = []
    /// Attachments whose NAT waits for room at the port.
    var paused: Set<PortID> = []
    /// The last port's number: one is never used again.
    var lastPort: UInt32 = 0
    /// Read once for each batch.
    var now = ContinuousClock.now

    init(
        configuration: ResolvedConfiguration, dhcp: DHCPService, events: NetworkEvents, logger: Logger
    ) {
        self.configuration = configuration
        self.dhcp = dhcp
        self.events = events
        self.logger = logger
        `switch` = Switch(gateway: configuration.gatewayMAC)
    }
}
