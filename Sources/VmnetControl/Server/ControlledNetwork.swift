import Glibc
package import OpenVmnet
import VmnetSystem
import VmnetWire

/// A network that runs in this process, and what its own process knows about it.
package struct ControlledNetwork: Sendable {
    let network: Network
    /// Seconds since 1970.
    private let started = WallClock.secondsSinceEpoch
    private let listen: [AttachmentPoint]
    /// The control socket's path.
    let control: String
    /// The group whose members may attach guests, too.
    let attachGroup: UInt32?

    /// - Parameters:
    ///   - listen: where guests attach.
    ///   - control: the path of the control socket.
    ///   - attachGroup: the group whose members may attach guests, too; nil: only this user may.
    package init(_ network: Network, listen: [AttachmentPoint], control: String, attachGroup: UInt32? = nil) {
        self.network = network
        self.listen = listen
        self.control = control
        self.attachGroup = attachGroup
    }

    var attach: String { ControlPath.attachSocket(beside: control) }

    var status: StatusDocument {
        let status = network.status()
        let subnet = network.host?.subnet
        return StatusDocument(
            name: network.name, mode: network.mode.rawValue, pid: getpid(), started: started,
            listen: listen.map(\.description), control: control, attach: attach,
            networkIdentifier: network.identifier.map { "\($0)" }, startAddress: network.host.map { "\($0.address)" },
            endAddress: network.addresses.map { "\($0.end)" }, subnetMask: subnet.map { "\($0.mask)" },
            subnet: subnet.map { "\($0)" },
            nat66Prefix: network.nat66Prefix.map { "\($0)" }, uplink: status.uplink.map(UplinkDocument.init),
            mtu: network.mtu, guests: status.ports.count,
            leases: status.leaseCount, forwardingEntries: status.forwardingEntryCount,
            traffic: TrafficDocument(status.traffic), ports: status.ports.map(PortDocument.init),
            forwards: forwards)
    }

    var forwards: [ForwardDocument] { network.forwards().map(ForwardDocument.init) }

    var leases: LeasesDocument {
        let now = WallClock.secondsSinceEpoch
        return LeasesDocument(leases: network.leases().map { LeaseDocument($0, now: now) })
    }
}
