import CVmnet
import OpenVmnet
import Synchronization
import VmnetWire

/// A network as C programs share it among interfaces: `vmnet_network_ref` and `ovn_network` are references to one.
final class SharedNetwork: Sendable {
    /// Where it runs.
    enum Place: Sendable {
        case thisProcess(Network)
        case otherProcess(JoinedNetwork)
    }

    private let place: Place
    /// The forwards that this process has added, and that it may ask for.
    let rules = Mutex<[ForwardingRule]>([])

    init(_ place: Place) { self.place = place }

    /// Starts a network in this process.
    convenience init(
        _ configuration: NetworkConfiguration, stateDirectory: String? = nil
    ) throws(VmnetError) {
        self.init(
            .thisProcess(try Network(configuration, stateDirectory: stateDirectory, logger: Log.logger)))
    }

    /// Joins the network that another process runs, by its name or its control socket.
    convenience init(joining name: String) throws(VmnetError) {
        self.init(.otherProcess(try JoinedNetwork(name, logger: Log.logger)))
    }

    /// Joins the network of a process that has passed this text.
    convenience init(serialization: String) throws(VmnetError) {
        self.init(.otherProcess(try JoinedNetwork(serialization: serialization, logger: Log.logger)))
    }

    deinit { end() }

    /// Ends the network, if it is this process's. Waits for its thread.
    func end() {
        switch place {
        case .thisProcess(let network): network.stop()
        case .otherProcess: break
        }
    }

    func makeInterface(_ configuration: InterfaceConfiguration) throws(VmnetError) -> Interface {
        switch place {
        case .thisProcess(let network): try network.makeInterface(configuration)
        case .otherProcess(let network): try network.makeInterface(configuration)
        }
    }

    /// Opens a port of this host that stays open as long as the network runs.
    func add(_ rule: ForwardingRule) throws(VmnetError) {
        switch place {
        case .thisProcess(let network): _ = try network.addForward(rule.forward())
        case .otherProcess: throw .foreign
        }
        rules.withLock { $0.append(rule) }
    }

    /// What another process joins it by.
    func serialization() throws(VmnetError) -> String {
        switch place {
        case .thisProcess(let network): try network.serialization()
        case .otherProcess: throw .foreign
        }
    }
}

extension VmnetError {
    fileprivate static let foreign = VmnetError(
        .invalidArgument, "the network is another process's", hint: "ask the process that runs it")
}

/// What it is.
extension SharedNetwork {
    /// Addresses as vmnet's keys have them.
    struct AddressTexts {
        let start: String
        let end: String
        let mask: String
    }

    var mode: OperationMode {
        switch place {
        case .thisProcess(let network): network.mode
        case .otherProcess(let network): network.mode
        }
    }

    var mtu: Int {
        switch place {
        case .thisProcess(let network): network.mtu
        case .otherProcess(let network): network.mtu
        }
    }

    var nat66Prefix: IPv6Address? {
        switch place {
        case .thisProcess(let network): network.nat66Prefix
        case .otherProcess(let network): network.nat66Prefix
        }
    }

    var range: AddressRange? {
        switch place {
        case .thisProcess(let network): network.addresses
        case .otherProcess(let network): network.addresses
        }
    }

    private var host: HostAddress? {
        switch place {
        case .thisProcess(let network): network.host
        case .otherProcess(let network): network.host
        }
    }

    /// The subnet that the host and the guests are in; nil when there is none that the network knows of.
    var subnet: IPv4Subnet? { range?.subnet ?? host?.subnet }

    /// nil in bridged networks. A private network has its host's address, or else what vmnet gives for none.
    var addresses: AddressTexts? {
        if let range {
            return AddressTexts(start: "\(range.start)", end: "\(range.end)", mask: "\(range.subnet.mask)")
        }
        if mode == .bridged { return nil }
        guard let host else { return AddressTexts(start: "0.0.0.0", end: "255.255.255.254", mask: "0.0.0.0") }
        let last = host.subnet.broadcast.advanced(by: -1)
        return AddressTexts(start: "\(host.address)", end: "\(last)", mask: "\(host.subnet.mask)")
    }
}

/// References that C programs hold.
extension SharedNetwork {
    /// What a reference leads to; nil for NULL.
    static func lent(_ reference: OpaquePointer?) -> SharedNetwork? {
        // Safety: every reference comes from `owned`, and whoever passes one holds it.
        unsafe reference.map { unsafe Unmanaged<SharedNetwork>.fromOpaque(UnsafeRawPointer($0)).takeUnretainedValue() }
    }

    /// A reference that whoever gets it gives back.
    var owned: OpaquePointer { unsafe OpaquePointer(Unmanaged.passRetained(self).toOpaque()) }
}
