import VmnetPorts
import VmnetSwitch
import VmnetSystem
import VmnetWire

/// The way of a bridged network to the physical one: an interface of this host, which may go down, go, and come back.
///
/// Everything of it is guarded by the network's lock.
final class Uplink {
    /// What the interface is called; where it is found again when it has gone.
    let interfaceName: String
    /// What the source is asked for.
    private let request: String
    private let source: UplinkSource
    let links: LinkWatch
    private let buffers = PacketBuffers()
    let flushList = FlushList()

    /// The socket's port; nil while the interface is gone.
    private(set) var link: Link?
    /// As it was when it was last looked at.
    private(set) var interface: InterfaceState
    /// What passed before the interface went.
    private var departed = PortCounters()
    /// When to open it again that is there but could not be opened.
    var retries = RetrySchedule()
    /// Why it could not be the last time.
    var failure: SystemError?
    /// Whether the interface has come back and is to be opened.
    var isAwaited = false
    /// Of the guests' addresses that the socket admits; nil = none.
    var filteredRevision: UInt64?
    /// What stations of the physical network may send to everybody.
    var floodLimit = FloodLimit()
    /// How often guests are told that a packet is too long: routers limit their ICMP errors too (RFC 1812, 4.3.2.8;
    /// RFC 4443, 2.4).
    var reportLimit = TokenBucket(perSecond: 100, burst: 50)

    /// An open socket.
    struct Link {
        let port: GuestPort
        let transport: PacketPort
    }

    /// An interface that has come back, to be opened without the network's lock.
    struct Reopening: Sendable {
        let source: UplinkSource
        let request: String
    }

    /// - Throws: when the interface is not there, or may not be opened.
    init(_ request: String, from source: UplinkSource) throws(SystemError) {
        self.request = request
        self.source = source
        // Before the interface is opened, so that nothing is missed.
        links = try LinkWatch()
        let socket = try source.open(request)
        interface = try socket.interface()
        interfaceName = interface.name
        open(socket)
    }

    /// How the interface is: up, down, or gone.
    var state: UplinkState {
        if link == nil { return .gone }
        return interface.isRunning ? .up : .down
    }

    var address: MACAddress { MACAddress(bits: interface.macBits) }

    /// What has passed, drops of the kernel's included.
    var counters: PortCounters {
        guard let link else { return departed }
        link.transport.countKernelDrops()
        link.port.countDropsOfTransport()
        var all = departed
        all.add(link.port.counters)
        return all
    }

    /// Takes a socket, where there is none.
    func open(_ socket: consuming PacketSocket) {
        let transport = PacketPort(socket, buffers: buffers)
        link = Link(port: GuestPort(id: .uplink, transport: transport, flushList: flushList), transport: transport)
        filteredRevision = nil
    }

    /// What is to be opened, if something is.
    func takeReopening() -> Reopening? {
        guard isAwaited else { return nil }
        isAwaited = false
        return Reopening(source: source, request: request)
    }

    /// Closes the socket, whose interface has gone.
    func close() {
        departed = counters
        link = nil
    }

    /// Looks at the interface again; returns whether it is still there.
    func look() -> Bool {
        guard let link, let interface = try? link.transport.interface() else { return false }
        self.interface = interface
        return true
    }

    /// Counts a frame that went nowhere.
    func countDrop(_ reason: DropReason) {
        if let link { link.port.countDrop(reason) } else { departed.countDrop(reason) }
    }
}
