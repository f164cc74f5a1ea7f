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
    private let state: Mutex<NetworkState>
    private let thread = Mutex<SystemThread?>(nil)
    private let isStopping = Atomic(false)

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
            let directory = try stateDirectory.map { try LeaseDirectory($0) }
            let leases = LeaseStore(directory: directory, logger: logger)
            let dhcp = try DHCPService(configuration: resolved, store: leases, logger: logger)
            self.events = events
            state = Mutex(NetworkState(configuration: resolved, dhcp: dhcp, events: events, logger: logger))
        } catch {
            throw VmnetError(error)
        }
    }

    /// The gateway, the DHCP pool and the subnet.
    public var addresses: AddressRange { configuration.addresses }

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
    /// - Throws: `.system` with the reason, such as a socket that somebody else listens on.
    public func listen(on address: ListenAddress) throws(VmnetError) {
        do {
            try state.withLock { state in try state.listen(on: address) }
            events.wake()
        } catch {
            throw VmnetError(error)
        }
    }

    /// Attaches the guest behind a connected socket (stream, datagram or SEQPACKET) or a TAP descriptor.
    ///
    /// - Parameter origin: what the log calls it.
    package func attach(_ descriptor: consuming Descriptor, origin: String) throws(VmnetError) {
        let raw = descriptor.release()
        do {
            try state.withLock { state in
                let transport = try InheritedDescriptor.transport(raw, buffers: state.buffers)
                try state.attach(transport, origin: origin)
            }
            // The guest's NAT may have a deadline that the loop does not know of.
            events.wake()
        } catch {
            throw VmnetError(error)
        }
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
    ///   - addresses: where this network listens.
    /// - Returns: those of the addresses that stand for one guest, and have it.
    package func keepGuests(
        in store: DescriptorStore, resuming passed: [PassedDescriptors.Item], listening addresses: [ListenAddress]
    ) throws(VmnetError) -> Set<ListenAddress> {
        guard let path = reservation.handoverPath else { return [] }
        do {
            let handover = try Handover.take(path)
            let resumed = state.withLock { state in
                state.store = GuestStore(store, handoverPath: path, inherited: passed.map(\.name))
                return state.resume(passed, handover, listening: addresses)
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
