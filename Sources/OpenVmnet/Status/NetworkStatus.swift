/// A network, as it was at one moment.
public struct NetworkStatus: Equatable, Sendable {
    /// The guests, by the places of their ports.
    public let ports: [PortStatus]
    /// The interface to the physical network; nil unless the network is bridged.
    public let uplink: UplinkStatus?
    /// What has passed all ports, those of guests that have left included.
    public let traffic: TrafficCounters
    /// Leases that run.
    public let leaseCount: Int
    /// Stations that the switch knows.
    public let forwardingEntryCount: Int
}
