import Synchronization
import VmnetSwitch

/// Questions about a running network. Each holds the network's lock for as long as it takes to copy the answer's parts.
extension Network {
    /// The guests, with what has passed and what waits.
    public func status() -> NetworkStatus {
        NetworkStatus(loop.state.withLock { $0.snapshot })
    }

    /// The leases by address, ended ones that are remembered included.
    public func leases() -> [LeaseRecord] {
        loop.state.withLock { $0.leases }.map(LeaseRecord.init)
    }

    /// What the switch knows of stations, by MAC address.
    public func forwardingTable() -> [ForwardingEntry] {
        loop.state.withLock { $0.sightings }
            .map { ForwardingEntry(macAddress: $0.address, port: PortNumber($0.port), age: Int($0.age)) }
    }

    /// Takes a guest off the network: its connections end, its lease begins to run out. A guest behind a stream or
    /// record socket may connect again; a datagram socket's path goes with its guest.
    ///
    /// - Returns: whether there was such a guest.
    @discardableResult
    public func detach(_ port: PortNumber) -> Bool {
        loop.detach(port.id)
    }
}
