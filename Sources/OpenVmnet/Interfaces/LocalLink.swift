import Synchronization
import VmnetPorts
import VmnetSwitch
import VmnetWire

/// An interface of a network in this process. It keeps the network alive.
final class LocalLink: InterfaceLink {
    private let network: Network
    private let port: PortID
    /// With the ports that they really have.
    private let forwards = Mutex<[PortForward]>([])

    init(_ network: Network, _ port: PortID) {
        self.network = network
        self.port = port
    }

    func send(
        _ body: (_ send: @escaping (Span<UInt8>, OffloadDescriptor) -> Void) throws(VmnetError) -> Void
    ) throws(VmnetError) {
        try network.loop.send(from: port, body)
    }

    func attend() {
        network.loop.events.attend(to: port)
    }

    var counters: TrafficCounters {
        TrafficCounters(network.loop.state.withLock { $0.counters(of: port) })
    }

    func addForward(_ forward: PortForward) throws(VmnetError) -> PortForward {
        let added = try network.addForward(forward)
        forwards.withLock { $0.append(added) }
        return added
    }

    func removeForward(_ forward: PortForward) throws(VmnetError) {
        let removed = forwards.withLock { forwards in
            forwards.firstIndex { $0.host == forward.host }.map { forwards.remove(at: $0) }
        }
        guard let removed else {
            throw VmnetError(
                .invalidConfiguration, "the interface has no forward at \(forward.host)",
                hint: "name one that was added to it, with the port that it really has")
        }
        try network.removeForward(removed)
    }

    func close() {
        for forward in forwards.withLock({ $0 }) { try? network.removeForward(forward) }
        forwards.withLock { $0.removeAll() }
        network.loop.detach(port)
    }
}
