import Synchronization
import VmnetPorts
import VmnetSwitch
import VmnetWire

/// An interface of a network in this process. It keeps the network alive.
final class LocalLink: InterfaceLink {
    private let network: Network
    private let port: PortID

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

    func close() {
        network.loop.detach(port)
    }
}
