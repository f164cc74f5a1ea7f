import Synchronization
import VmnetNAT
import VmnetPorts
import VmnetSwitch
import VmnetWire

extension Network {
    /// Attaches an interface of this process. The network runs on without it, and the interface keeps the network running.
    ///
    /// - Throws: `.invalidArgument` for options that exclude each other, `.system` when no port or descriptor is left.
    public func makeInterface(
        _ configuration: InterfaceConfiguration = InterfaceConfiguration()
    ) throws(VmnetError) -> Interface {
        try configuration.check()
        let format = configuration.format(mtu: mtu)
        let parameters = configuration.parameters(format, addresses: addresses, nat66Prefix: nat66Prefix)
        do {
            let (port, ring, announcer) = try loop.state.withLock { state in
                let transport = InProcessPort(format)
                let announcer = PacketAnnouncer(transport.ring)
                let port = try state.attach(
                    transport, origin: "in process", isIsolated: configuration.isIsolated, identity: parameters.id,
                    announcer: announcer)
                return (port, transport.ring, announcer)
            }
            // The guest's NAT may have a deadline that the loop does not know of.
            loop.events.wake()
            return Interface(parameters, format, ring: ring, announcer: announcer, link: LocalLink(self, port))
        } catch {
            throw VmnetError(error)
        }
    }
}
