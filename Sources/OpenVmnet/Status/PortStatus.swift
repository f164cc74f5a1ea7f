public import VmnetWire

/// One guest's port, as it was at one moment.
public struct PortStatus: Equatable, Sendable, Identifiable {
    /// What the network calls the port.
    public let id: PortNumber
    /// The interface's identity: the one that it has given itself, or else by its first MAC address; nil as long as none is
    /// known.
    public let interfaceID: InterfaceID?
    /// Where the guest came from: `stream:/run/net.sock`.
    public let origin: String
    /// Whether it exchanges frames with the gateway only.
    public let isIsolated: Bool
    /// The guest's hardware addresses: those with a lease first, then those seen lately, each in order; at most about
    /// a thousand. Empty as long as it was silent.
    public let macAddresses: [MACAddress]
    /// The addresses that it has leased, and those it was seen to use by ARP, in order.
    public let addresses: [IPv4Address]
    /// As the guest calls itself to the DHCP server; nil when it has not.
    public let hostName: String?
    /// What has passed since the guest attached.
    public let traffic: TrafficCounters
    /// Frames that wait for the guest to take them.
    public let queuedFrames: Int
    /// The memory that these take, in bytes.
    public let queuedBytes: Int
    /// What its NAT has to do.
    public let nat: NATStatus
}
