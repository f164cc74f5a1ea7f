public import Logging
import Synchronization
import VmnetPorts
import VmnetSwitch
package import VmnetSystem
public import VmnetWire

/// A network: one Ethernet segment with a switch, a DHCP server and a NAT, to which guests attach.
///
/// Every method may be called from any thread. The network's own thread runs from `start` to `stop`.
public final class Network: Sendable {
    private let configuration: ResolvedConfiguration
    private let reservation: NetworkReservation
    private let events: NetworkEvents
    let state: Mutex<NetworkState>
    private let thread = Mutex<SystemThread?>(nil)
    private let isStopping = Atomic(false)
    /// What others join it by; nil until somebody is to.
    let sharing = Mutex<NetworkSharing?>(nil)

    /// Reserves the network's name and subnet, and reads its leases. Nothing runs yet.
    ///
    /// - Parameters:
    ///   - stateDirectory: where leases are kept, created if need be; nil keeps them in memory, and the network has no
    ///     name that others could find it by.
    ///   - logger: told of guests that come and go, of leases and of trouble; never of single frames.
    /// - Throws: `.busy` when the name or subnet is taken, `.system` when the kernel or the file system refuses.
    public init(configuration: NetworkConfiguration, stateDirectory: String?, logger: Logger) throws(VmnetError) {
        reservation = try NetworkReservation(configuration, isNamed: stateDirectory != nil)
        let resolved = ResolvedConfiguration(network: configuration, addresses: reservation.addresses)
        self.configuration = resolved
        do {
            // Each flow of a guest is a descriptor of ours.
            _ = try ResourceLimit.raiseDescriptorLimit()
            let events = try NetworkEvents()
            let dhcp = try resolved.dhcp.map { server in
                let directory = try stateDirectory.map { try LeaseDirectory($0) }
                let leases = LeaseStore(directory: directory, logger: logger)
                return try DHCPService(configuration: server, store: leases, logger: logger)
            }
            self.events = events
            state = Mutex(NetworkState(configuration: resolved, dhcp: dhcp, events: events, logger: logger))
        } catch {
            throw VmnetError(error)
        }
    }

    /// The gateway, the DHCP pool and the subnet; nil in a private network, which has no DHCP server.
    public var addresses: AddressRange? { configuration.addresses }

    /// The host as guests see it; nil when it is not in the network.
    public var host: HostAddress? { configuration.host }

    /// Of a private network; nil = it is none.
    public var identifier: NetworkIdentifier? { configuration.network.identifier }

    /// The largest IP packet of the segment, in bytes.
    public var mtu: Int { configuration.network.mtu }

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
            try state.withLock { state in try state.listen(on: address, isIsolated: isolated) }
            events.wake()
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
        try attach(descriptor: descriptor, origin: origin, isolated: isolated, hasVirtioHeader: false)
    }

    /// Attaches the guest behind a descriptor that is owned until then.
    ///
    /// - Parameter hasVirtioHeader: whether each frame on a stream socket has that header before it.
    @discardableResult
    package func attach(
        _ descriptor: consuming Descriptor, origin: String, isolated: Bool = false, hasVirtioHeader: Bool = false
    ) throws(VmnetError) -> PortNumber {
        try attach(
            descriptor: descriptor.release(), origin: origin, isolated: isolated, hasVirtioHeader: hasVirtioHeader)
    }

    private func attach(
        descriptor: Int32, origin: String, isolated: Bool, hasVirtioHeader: Bool
    ) throws(VmnetError) -> PortNumber {
        do {
            let id = try state.withLock { state in
                let transport = try InheritedDescriptor.transport(
                    descriptor, buffers: state.buffers, hasVirtioHeader: hasVirtioHeader)
                return try state.attach(transport, origin: origin, isIsolated: isolated)
            }
            // The guest's NAT may have a deadline that the loop does not know of.
            events.wake()
            return PortNumber(id)
        } catch {
            throw VmnetError(error)
        }
    }

    /// Opens a port of this host that leads to a guest, at once or as soon as the guest has an address; it follows the
    /// guest to another address, and to another port of the network.
    ///
    /// - Returns: the forward, with the port that it really has.
    /// - Throws: `.system` when the kernel refuses the port, such as one that another program has, and `.busy` when
    ///   another forward has it. Nothing has changed then.
    @discardableResult
    public func addForward(_ forward: PortForward) throws(VmnetError) -> PortForward {
        do {
            let added = try state.withLock { state in try state.addForward(forward) }
            events.wake()
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
            try state.withLock { state in try state.removeForward(at: forward.host) }
            // What guests are told of it leaves with the loop's next batch.
            events.wake()
        } catch {
            throw VmnetError(error)
        }
    }

    /// The forwards, in the order in which they were added.
    public func forwards() -> [ForwardStatus] {
        state.withLock { $0.forwardStatus() }
    }

    /// Takes guests at a Unix socket that the service manager has bound and passed to this process, and keeps.
    ///
    /// - Returns: which address that is.
    /// - Throws: `.system` for what is no such socket.
    package func listen(onPassed item: PassedDescriptors.Item) throws(VmnetError) -> ListenAddress {
        do {
            let address = try state.withLock { state in try state.listen(onPassed: item) }
            events.wake()
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
            let resumed = state.withLock { state in
                state.store = GuestStore(store, handoverPath: path, inherited: passed.map(\.name))
                return state.resume(passed, handover, listening: points)
            }
            events.wake()
            return resumed
        } catch {
            throw VmnetError(error)
        }
    }

    /// Starts the network's thread.
    public func start() throws(VmnetError) {
        do {
            try thread.withLock { $0 = try SystemThread(name: "openvmnet-loop") { [self] in run() } }
        } catch {
            throw VmnetError(error)
        }
    }

    /// Detaches every guest, closes the sockets and writes the leases. Waits for the network's thread to end.
    public func stop() {
        sharing.withLock { $0.take() }?.stop()
        isStopping.store(true, ordering: .releasing)
        events.wake()
        thread.withLock { $0.take() }?.join()
        state.withLock { $0.close() }
    }

    private func run() {
        var list = Epoll.EventList()
        var timeout: Duration?
        while !isStopping.load(ordering: .acquiring) { timeout = turn(&list, timeout: timeout) }
    }

    /// One turn of the loop: waits, and handles what has happened as one batch. For a thread that stands in for the
    /// network's own, which is not started then.
    ///
    /// - Returns: how long the next turn may wait; nil = until something happens.
    package func turn(_ list: inout Epoll.EventList, timeout: Duration?) -> Duration? {
        do {
            try events.epoll.wait(into: &list, timeout: timeout)
        } catch {
            // Only a descriptor that is not an epoll set can cause it.
            preconditionFailure("\(error)")
        }
        return state.withLock { $0.handle(list) }
    }
}
