public import Logging
import Synchronization
import VmnetPorts
import VmnetSwitch
package import VmnetSystem
public import VmnetWire

/// A network: one Ethernet segment with a switch, a DHCP server and a NAT, to which guests attach.
///
/// Every method may be called from any thread.
public final class Network: Sendable {
    private let configuration: ResolvedConfiguration
    private let reservation: NetworkReservation
    let loop: NetworkLoop
    private let thread = Mutex<SystemThread?>(nil)
    /// What others join it by; nil until somebody is to.
    let sharing = Mutex<NetworkSharing?>(nil)

    /// Makes a network that runs until `stop`, or until nobody refers to it any more: neither this object nor an interface
    /// of it.
    ///
    /// - Parameters:
    ///   - stateDirectory: where leases are kept, created if need be; nil keeps them in memory, and the network has no
    ///     name that others could find it by.
    ///   - logger: told of guests that come and go, of leases and of trouble; never of single frames. It is told nothing
    ///     unless one is given.
    /// - Throws: `.invalidConfiguration` for reservations that are not of the network, `.busy` when the name, the subnet or a
    ///   forward's port is taken, `.system` when the kernel or the file system refuses; in bridged mode also without
    ///   CAP_NET_RAW.
    public convenience init(
        _ configuration: NetworkConfiguration, stateDirectory: String? = nil,
        logger: Logger = Logger(label: "openvmnet") { _ in SwiftLogNoOpLogHandler() }
    ) throws(VmnetError) {
        try self.init(configuration: configuration, stateDirectory: stateDirectory, logger: logger)
        for forward in configuration.forwards { try addForward(forward) }
        try start()
    }

    /// Reserves the network's name and subnet, and reads its leases. Nothing runs yet.
    ///
    /// - Parameters:
    ///   - stateDirectory: where leases are kept, created if need be; nil keeps them in memory, and the network has no
    ///     name that others could find it by.
    ///   - logger: told of guests that come and go, of leases and of trouble; never of single frames.
    ///   - source: how the interface of a bridged network is opened.
    /// - Throws: `.busy` when the name or subnet is taken, `.system` when the kernel or the file system refuses; in bridged
    ///   mode also without CAP_NET_RAW.
    package init(
        configuration: NetworkConfiguration, stateDirectory: String?, logger: Logger,
        uplink source: UplinkSource = .direct
    ) throws(VmnetError) {
        reservation = try NetworkReservation(configuration, isNamed: stateDirectory != nil)
        let resolved = ResolvedConfiguration(network: configuration, addresses: reservation.addresses)
        self.configuration = resolved
        try resolved.checkServer()
        do {
            // Each flow of a guest is a descriptor of ours.
            _ = try ResourceLimit.raiseDescriptorLimit()
            let events = try NetworkEvents()
            let dhcp = try resolved.dhcp.map { server in
                let directory = try stateDirectory.map { try LeaseDirectory($0) }
                let leases = LeaseStore(directory: directory, logger: logger)
                return try DHCPService(configuration: server, store: leases, logger: logger)
            }
            let uplink = try Self.uplink(of: configuration, from: source)
            loop = NetworkLoop(
                NetworkState(configuration: resolved, dhcp: dhcp, uplink: uplink, events: events, logger: logger),
                events)
            try loop.state.withLock { try $0.watchUplink() }
        } catch {
            throw VmnetError(error)
        }
    }

    private static func uplink(
        of configuration: NetworkConfiguration, from source: UplinkSource
    ) throws -> Uplink? {
        guard configuration.mode == .bridged else { return nil }
        guard let name = configuration.interfaceName else {
            throw VmnetError(
                .invalidConfiguration, "a bridged network needs an interface",
                hint: "name one of this host's: ifname=eth0")
        }
        return try Uplink(name, from: source)
    }

    /// The gateway, the DHCP pool and the subnet; nil in private and bridged networks, which have no DHCP server.
    public var addresses: AddressRange? { configuration.addresses }

    /// The host as guests see it; nil when it is not in the network.
    public var host: HostAddress? { configuration.host }

    /// Of a private network; nil = it is none.
    public var identifier: NetworkIdentifier? { configuration.network.identifier }

    /// The largest IP packet of the segment, in bytes; in bridged mode the interface's, which may change.
    public var mtu: Int { loop.state.withLock { $0.mtu } }

    /// The host's interface that a bridged network is on the link of; nil in other modes.
    public var interfaceName: String? { loop.state.withLock { $0.uplink?.interfaceName } }

    /// What the network is called.
    public var name: String { configuration.network.name }

    /// The IPv6 /64 that guests get addresses in; nil without IPv6.
    public var nat66Prefix: IPv6Address? { configuration.network.nat66Prefix }

    /// How the network reaches beyond its own segment.
    public var mode: OperationMode { configuration.network.mode }

    /// Opens a socket that guests attach to, or attaches the one guest that the address stands for.
    ///
    /// - Parameter isolated: whether guests that attach there exchange frames with the gateway only; in an isolated network
    ///   all do.
    /// - Throws: `.system` with the reason, such as a socket that somebody else listens on.
    public func listen(on address: ListenAddress, isolated: Bool = false) throws(VmnetError) {
        do {
            try loop.state.withLock { state in try state.listen(on: address, isIsolated: isolated) }
            loop.events.wake()
        } catch {
            throw VmnetError(error)
        }
    }

    /// Attaches the guest behind a connected socket (stream, datagram or SEQPACKET) or a TAP descriptor.
    ///
    /// - Parameters:
    ///   - descriptor: taken over: it is closed when the guest is detached, and also by an error.
    ///   - origin: what the log and the status call it.
    ///   - isolated: whether the guest exchanges frames with the gateway only; in an isolated network all do.
    /// - Returns: what the network calls the guest's port.
    /// - Throws: `.system` when it is no such descriptor, or no port is left.
    @discardableResult
    public func attach(
        descriptor: Int32, origin: String, isolated: Bool = false
    ) throws(VmnetError) -> PortNumber {
        try attach(
            descriptor: descriptor, origin: origin, isolated: isolated, hasVirtioHeader: false, identity: nil)
    }

    /// Attaches the guest behind a descriptor that is owned until then.
    ///
    /// - Parameters:
    ///   - hasVirtioHeader: whether each frame on a stream socket has that header before it.
    ///   - identity: who the guest says it is; nil: its MAC address tells.
    @discardableResult
    package func attach(
        _ descriptor: consuming Descriptor, origin: String, isolated: Bool = false, hasVirtioHeader: Bool = false,
        identity: InterfaceID? = nil
    ) throws(VmnetError) -> PortNumber {
        try attach(
            descriptor: descriptor.release(), origin: origin, isolated: isolated, hasVirtioHeader: hasVirtioHeader,
            identity: identity)
    }

    private func attach(
        descriptor: Int32, origin: String, isolated: Bool, hasVirtioHeader: Bool, identity: InterfaceID?
    ) throws(VmnetError) -> PortNumber {
        do {
            let id = try loop.state.withLock { state in
                let transport = try InheritedDescriptor.transport(
                    descriptor, buffers: state.buffers, hasVirtioHeader: hasVirtioHeader)
                return try state.attach(transport, origin: origin, isIsolated: isolated, identity: identity)
            }
            // The guest's NAT may have a deadline that the loop does not know of.
            loop.events.wake()
            return PortNumber(id)
        } catch {
            throw VmnetError(error)
        }
    }

    /// Opens a port of this host that leads to a guest, at once or as soon as the guest has an address; it follows the
    /// guest to another address, and to another port of the network.
    ///
    /// - Returns: the forward, with the port that it really has.
    /// - Throws: `.busy` when another program or forward has the port, `.notAuthorized` when this process may not have it,
    ///   `.system` when the kernel refuses it otherwise. Nothing has changed then.
    @discardableResult
    public func addForward(_ forward: PortForward) throws(VmnetError) -> PortForward {
        do {
            let added = try loop.state.withLock { state in try state.addForward(forward) }
            loop.events.wake()
            return added
        } catch {
            throw VmnetError(error)
        }
    }

    /// Closes the port of a forward and ends its connections, on both sides.
    ///
    /// - Parameter forward: found by its host side; a port that the kernel has chosen is named by its number.
    /// - Throws: `.invalidConfiguration` when there is none.
    public func removeForward(_ forward: PortForward) throws(VmnetError) {
        do {
            try loop.state.withLock { state in try state.removeForward(at: forward.host) }
            // What guests are told of it leaves with the loop's next batch.
            loop.events.wake()
        } catch {
            throw VmnetError(error)
        }
    }

    /// The forwards, in the order in which they were added.
    public func forwards() -> [ForwardStatus] {
        loop.state.withLock { $0.forwardStatus() }
    }

    /// Takes guests at a Unix socket that the service manager has bound and passed to this process, and keeps.
    ///
    /// - Returns: which address that is.
    /// - Throws: `.system` for what is no such socket.
    package func listen(onPassed item: PassedDescriptors.Item) throws(VmnetError) -> ListenAddress {
        do {
            let address = try loop.state.withLock { state in try state.listen(onPassed: item) }
            loop.events.wake()
            return address
        } catch {
            throw VmnetError(error)
        }
    }

    /// What the names of guests' descriptors begin with where the service manager keeps them.
    package static let storedGuestPrefix = "guest-"

    /// Has guests outlive this process: the service manager keeps their descriptors, and passes them to the successor.
    /// Attaches those that a predecessor left, which do not notice, but for connections through the NAT. Called once,
    /// before `listen`.
    ///
    /// - Parameters:
    ///   - passed: whatever was passed under a name with `storedGuestPrefix`.
    ///   - points: where this network listens.
    /// - Returns: those of the points that stand for one guest, and have it.
    package func keepGuests(
        in store: DescriptorStore, resuming passed: [PassedDescriptors.Item], listening points: [AttachmentPoint]
    ) throws(VmnetError) -> Set<AttachmentPoint> {
        guard let path = reservation.handoverPath else { return [] }
        do {
            let handover = try Handover.take(path)
            let resumed = loop.state.withLock { state in
                state.store = GuestStore(store, handoverPath: path, inherited: passed.map(\.name))
                return state.resume(passed, handover, listening: points)
            }
            loop.events.wake()
            return resumed
        } catch {
            throw VmnetError(error)
        }
    }

    deinit {
        sharing.withLock { $0.take() }?.stop()
        // A network that was never started is the business of whoever runs it.
        guard let thread = thread.withLock({ $0.take() }) else { return }
        loop.stop(thread)
    }

    /// Starts the network's thread.
    package func start() throws(VmnetError) {
        do {
            // The thread keeps the loop, not the network, which ends with its last user.
            try thread.withLock { $0 = try SystemThread(name: "openvmnet-loop") { [loop] in loop.run() } }
        } catch {
            throw VmnetError(error)
        }
    }

    /// Detaches every guest, closes the sockets and writes the leases. Waits for the network's thread to end, unless it is
    /// the one that calls.
    public func stop() {
        sharing.withLock { $0.take() }?.stop()
        loop.stop(thread.withLock { $0.take() })
    }

    /// One turn of the loop: waits, and handles what has happened as one batch. For a thread that stands in for the
    /// network's own, which is not started then.
    ///
    /// - Returns: how long the next turn may wait; nil = until something happens.
    package func turn(_ list: inout Epoll.EventList, timeout: Duration?) -> Duration? {
        loop.turn(&list, timeout: timeout)
    }
}
