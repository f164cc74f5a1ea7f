import Logging
import VmnetNAT
import VmnetPorts
import VmnetSwitch
import VmnetSystem
import VmnetWire

/// Everything of a network that its lock guards.
///
/// A frame goes one way through it: a transport reads a batch, the switch decides, services answer or the guest's NAT
/// takes it; what comes back is queued at ports and flushed once, at the end of the batch.
struct NetworkState: ~Copyable {
    let configuration: ResolvedConfiguration
    let events: NetworkEvents
    let logger: Logger
    let buffers = TransportBuffers()
    let datagrams = UDPBuffers()
    let flushList: FlushList

    var `switch`: Switch
    /// nil in a private network.
    var dhcp: DHCPService?
    /// nil when guests are not held to their addresses.
    var sourceGuard: SourceGuard?
    var neighbours = NeighbourTable()
    var attachments = PortTable<Attachment>()
    var listeners: [NamedListener] = []
    /// Where guests' descriptors outlive this process; nil when nobody keeps them.
    var store: GuestStore?
    var forwards = ForwardTable()
    /// When listeners and forwards are tried again that had no descriptor left for whoever came.
    var resumption: ContinuousClock.Instant?
    /// Whether the network has been stopped: nobody attaches any more.
    var isClosed = false
    /// What passed the ports of guests that have left.
    var departed = PortCounters()
    /// Guests whose NATs have been called in this batch.
    var unfinished: [Attachment] = []
    /// When the guests' NATs want to be called.
    var agenda = Agenda()
    /// Ports where frames have arrived in this batch that a program of this process wants to hear of.
    var arrivals: [GuestPort] = []
    /// When programs are told again of packets that they have not read.
    var reminders = Agenda()
    /// Until when the network's thread sleeps, unless it is woken; nil = for ever.
    var wakeTime: ContinuousClock.Instant?
    /// Whether the batch runs on a thread of somebody else's.
    var isOnForeignThread = false
    /// Keeps that thread from a signal that the NAT may cause; nil until one is called.
    var brokenPipeBlock: BrokenPipeBlock?
    /// Bytes of frames that guests have sent in this batch.
    var receivedByteCount = 0
    /// Read once for each batch.
    var now = ContinuousClock.now
    /// The same for the switch.
    var uptime = Uptime(.now)
    /// The way to the physical network; nil unless the network is bridged to one.
    let uplink: Uplink?
    /// The largest IP packet of the segment, in bytes.
    var mtu: Int {
        didSet { maximumFrameByteCount = EthernetHeader.byteCount + mtu }
    }
    /// The longest frame that needs no segmentation, in bytes, without a VLAN tag.
    private(set) var maximumFrameByteCount: Int

    init(
        configuration: ResolvedConfiguration, dhcp: consuming DHCPService?, uplink: Uplink?, events: NetworkEvents,
        logger: Logger
    ) {
        self.configuration = configuration
        self.dhcp = dhcp
        sourceGuard = configuration.sourceGuard
        self.events = events
        self.logger = logger
        self.uplink = uplink
        flushList = uplink?.flushList ?? FlushList()
        mtu = configuration.network.mtu
        maximumFrameByteCount = EthernetHeader.byteCount + mtu
        `switch` = Switch(gateway: configuration.gatewayMAC, hasUplink: uplink != nil)
    }
}
