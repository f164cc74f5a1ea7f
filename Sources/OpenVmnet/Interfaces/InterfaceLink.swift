import VmnetPorts
import VmnetSwitch
import VmnetWire

/// How an interface reaches its network: in this process, or in another one.
protocol InterfaceLink: AnyObject, Sendable {
    /// Runs `body`, which gives the frames of one batch to the closure that it gets; not after `body`; they are lent for the call, and have
    /// been sent when `send` returns, also when `body` throws.
    ///
    /// - Throws: `.stopped` when the network has let go of the interface, and what `body` throws.
    func send(
        _ body: (_ send: @escaping (Span<UInt8>, OffloadDescriptor) -> Void) throws(VmnetError) -> Void
    ) throws(VmnetError)

    /// Has the network look at the interface: there is room again that it waits for, or somebody new to tell of packets.
    func attend()

    /// What has passed.
    var counters: TrafficCounters { get }

    /// Opens a port of the network's host that ends with the interface. Returns it with the port that it really has.
    func addForward(_ forward: PortForward) throws(VmnetError) -> PortForward

    /// Closes one of these.
    func removeForward(_ forward: PortForward) throws(VmnetError)

    /// Takes the interface off its network. Idempotent.
    func close()
}
