import Logging
import VmnetDHCP
import VmnetNAT
import VmnetSwitch
import VmnetSystem
import VmnetWire

/// The DHCP server with its leases on disk: what a batch leased is written down before the batch's replies leave.
///
/// It cannot be copied, because a network may do without one, and a look into what may be missing would copy it.
struct DHCPService: ~Copyable {
    private let gateway: IPv4Address
    private let gatewayMAC: MACAddress
    private let logger: Logger
    private var server: DHCPServer
    private var store: LeaseStore
    /// Replies of this batch.
    private var replies: [(port: PortID, frame: [UInt8])] = []

    init(configuration: DHCPServerConfiguration, store: LeaseStore, logger: Logger) throws(SystemError) {
        gateway = configuration.gateway
        gatewayMAC = GuestNAT.gatewayMAC(for: configuration.gateway)
        self.logger = logger
        server = try DHCPServer(configuration: configuration, restoring: store.load(), now: .now)
        self.store = store
    }

    /// How long until `finishBatch` is wanted though no frame comes; nil: not before the next message.
    func wait(now: ContinuousClock.Instant) -> Duration? {
        let lease = server.nextDeadline.map {
            Duration.seconds(max(0, $0.secondsSince1970 - LeaseTime.now.secondsSince1970))
        }
        return .earlier(lease, store.deadline.map { $0 - now })
    }

    /// Whether the station has leased the address.
    func isLeased(_ address: IPv4Address, to station: MACAddress) -> Bool { server.isLeased(address, to: station) }

    /// Running leases, and ended ones that are remembered, by address.
    var leases: [Lease] { server.leases }

    /// How many leases run.
    var runningLeaseCount: Int { server.leaseCounts.leased }

    /// What the station has leased last, if that lease runs.
    func lease(of station: MACAddress) -> Lease? { server.lease(of: station) }

    /// The stations with a lease that are known to be at the port.
    func stations(on port: PortID) -> Set<MACAddress> { server.stations(on: DHCPAttachment(port)) }

    /// Takes a frame to port 67.
    ///
    /// - Parameter neighbour: which station uses an address, as the network has seen it.
    /// - Returns: why the frame was dropped; nil when the server has looked at it, whatever it decided.
    mutating func receive(
        _ frame: Span<UInt8>, _ offload: OffloadDescriptor, from port: PortID, neighbour: DHCPServer.NeighbourLookup
    ) -> DropReason? {
        guard let datagram = try? DHCPDatagram(parsing: frame, offload: offload) else { return .malformed }
        let origin = DHCPOrigin(attachment: DHCPAttachment(port), source: datagram.source)
        switch server.answer(datagram.message, from: origin, now: .now, neighbour: neighbour) {
        case .reply(let reply):
            log(reply, port)
            replies.append((port, reply.frame(from: gatewayMAC, gateway)))
        case .silence(let silence) where silence.isNews: log(silence, port)
        case .silence: break
        }
        return nil
    }

    /// The leases of those who are there, and the port of each.
    var presentLeases: [(lease: Lease, port: PortID)] {
        server.presentLeases.map { ($0.lease, PortID(rawValue: $0.attachment.rawValue)) }
    }

    /// A station has shown itself on a port. One that had its lease before this network was restarted, and does not
    /// renew it by itself, keeps it.
    mutating func attach(_ station: MACAddress, to port: PortID) {
        server.attach(station, to: DHCPAttachment(port), now: .now)
    }

    /// A guest has left: its lease begins to run out.
    mutating func detach(_ port: PortID) {
        server.detach(DHCPAttachment(port), now: .now)
    }

    /// Writes down what has changed, then hands over the batch's replies.
    mutating func finishBatch(now: ContinuousClock.Instant, deliver: (PortID, Span<UInt8>) -> Void) {
        if let due = server.nextDeadline, due <= .now { server.advance(to: .now) }
        store.record(server.takeChanges(), now: now)
        for reply in replies { deliver(reply.port, reply.frame.span) }
        replies.removeAll(keepingCapacity: true)
        if let due = store.deadline, due <= now { store.write(server.leases) }
    }

    /// Writes the lease file for the last time.
    mutating func close(now: ContinuousClock.Instant) {
        store.record(server.takeChanges(), now: now)
        store.write(server.leases)
    }

    private func log(_ reply: DHCPReply, _ port: PortID) {
        guard reply.message.type == .acknowledge, reply.message.yourAddress != .any else { return }
        logger.info(
            "leased",
            metadata: [
                "address": "\(reply.message.yourAddress)", "mac": "\(reply.message.hardwareAddress)", "port": "\(port)",
            ])
    }

    private func log(_ silence: DHCPSilence, _ port: PortID) {
        if silence.reason == .poolExhausted {
            logger.warning("no address is left for a guest that asks for one", metadata: ["port": "\(port)"])
        } else {
            logger.warning(
                "a DHCP message got no answer",
                metadata: [
                    "port": "\(port)", "reason": "\(silence.reason.name)",
                    "address": "\(silence.address.map { "\($0)" } ?? "none")",
                ])
        }
    }
}

extension DHCPAttachment {
    /// The server knows a port by the same number.
    fileprivate init(_ port: PortID) {
        self.init(rawValue: port.rawValue)
    }
}

extension LeaseTime {
    static var now: LeaseTime { LeaseTime(secondsSince1970: WallClock.secondsSinceEpoch) }
}
