import Glibc
public import Logging
import VmnetPorts
import VmnetSystem
public import VmnetWire

/// A network that another process runs, for interfaces of this one: emulators that are processes of their own share a
/// segment, and an unprivileged program has an interface of a privileged one's network.
///
/// An interface behaves like one of a network in this process. When the network ends, its reads find nothing and what it
/// writes is lost; it comes back by itself when the network of that name is there again, with the same identity and so
/// with the same lease.
public final class JoinedNetwork: Sendable {
    private let address: AttachAddress
    private let description: NetworkDescription
    private let logger: Logger

    /// Finds a network that runs, such as by `openvmnet serve --name NAME`.
    ///
    /// - Parameters:
    ///   - network: its name, if this user runs it; or the path of its control socket, if there is a slash in it. The attach
    ///     socket beside that has to let this user in: `openvmnet serve --attach-group`.
    ///   - logger: told when the network goes and comes.
    /// - Throws: `.notRunning` when there is none, `.system` when the socket does not let this user in.
    public convenience init(_ network: String, logger: Logger) throws(VmnetError) {
        try self.init(AttachAddress(network), logger)
    }

    /// Finds a network of another program, by what its `serialization` has said there.
    ///
    /// It means something in that program's network namespace, as long as that network lives; interfaces do not come back
    /// after it.
    ///
    /// - Throws: `.notRunning` when it has ended, `.invalidArgument` for another text.
    public convenience init(serialization: String, logger: Logger) throws(VmnetError) {
        try self.init(AttachAddress(serialization: serialization), logger)
    }

    private init(_ address: AttachAddress, _ logger: Logger) throws(VmnetError) {
        self.address = address
        self.logger = logger
        let connection = try AttachConnection(to: address.address)
        description = try connection.describe(key: address.key)
    }

    /// What the network is called.
    public var name: String { description.name }

    /// How it reaches beyond its own segment.
    public var mode: OperationMode { description.mode }

    /// The gateway, the DHCP pool and the subnet; nil when it gives out no addresses.
    public var addresses: AddressRange? { description.addresses }

    /// The host as guests see it; nil when it is not in the network.
    public var host: HostAddress? { description.host }

    /// Of a private network; nil = it is none.
    public var identifier: NetworkIdentifier? { description.identifier }

    /// The largest IP packet of the segment, in bytes.
    public var mtu: Int { description.mtu }

    /// The IPv6 /64 that guests get addresses in; nil without IPv6.
    public var nat66Prefix: IPv6Address? { description.nat66Prefix }

    /// Attaches an interface of this process, with a thread that carries its packets.
    ///
    /// - Throws: `.invalidArgument` for options that exclude each other, `.notRunning` when the network has ended,
    ///   `.refused` when it has no room, `.system` when no descriptor or thread is left.
    public func makeInterface(
        _ configuration: InterfaceConfiguration = InterfaceConfiguration()
    ) throws(VmnetError) -> Interface {
        try configuration.check()
        var configuration = configuration
        let id = configuration.id ?? InterfaceID()
        configuration.id = id
        var request = AttachRequest(
            label: "process \(getpid())", isIsolated: configuration.isIsolated, isWhileConnected: true,
            key: address.key)
        request.hasVirtioHeader = true
        request.interfaceID = id
        request.macAddress = configuration.macAddress ?? MACAddress(of: id)
        return try makeInterface(configuration, Membership(address, request, networkName: name))
    }

    private func makeInterface(
        _ configuration: InterfaceConfiguration, _ membership: Membership
    ) throws(VmnetError) -> Interface {
        do {
            let events = try JoinedEvents()
            let connection = try membership.begin()
            // What the network is now: it may have been restarted.
            let network = connection.guest.network
            let format = configuration.format(mtu: network.mtu)
            let port = InProcessPort(format)
            let ring = port.ring
            let announcer = PacketAnnouncer(ring)
            var state = JoinedState(events, port, announcer)
            try state.join(connection)
            return Interface(
                configuration.parameters(format, addresses: network.addresses, nat66Prefix: network.nat66Prefix),
                format,
                ring: ring, announcer: announcer,
                link: try JoinedLink(JoinedLoop(state, events, announcer, membership, network, logger)))
        } catch {
            throw VmnetError(error)
        }
    }
}
