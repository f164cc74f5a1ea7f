public import VmnetWire

/// Where a station was last seen: an entry of the switch's forwarding table.
public struct ForwardingEntry: Equatable, Sendable {
    /// The station.
    public let macAddress: MACAddress
    /// The port that frames for it go to.
    public let port: PortNumber
    /// Seconds since the station's last frame; after 300 the entry is forgotten.
    public let age: Int
}
