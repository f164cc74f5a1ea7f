import OpenVmnet

/// `GET /v1/status`: what a network is, and how it goes.
package struct StatusDocument: Codable, Equatable, Sendable {
    package var version = ControlJSON.version
    package var name: String
    package var mode: String
    package var pid: Int32
    /// Seconds since 1970.
    package var started: Int64
    /// Where guests attach: `stream:/run/net.sock`.
    package var listen: [String]
    /// The control socket's path.
    package var control: String
    /// The attach socket's path.
    package var attach: String
    /// The UUID of a private network; missing for others.
    package var networkIdentifier: String?
    /// The gateway; missing, with the subnet, in a private network that the host is not in.
    package var startAddress: String?
    /// The last address that guests get; missing in a private network, which has no DHCP server.
    package var endAddress: String?
    package var subnetMask: String?
    /// `192.168.64.0/24`.
    package var subnet: String?
    /// The IPv6 /64 for guests; missing without IPv6.
    package var nat66Prefix: String?
    /// The way to the physical network; missing unless the network is bridged.
    package var uplink: UplinkDocument?
    /// In bytes.
    package var mtu: Int
    /// Guests that are attached.
    package var guests: Int
    /// Leases that run.
    package var leases: Int
    /// Stations that the switch knows.
    package var forwardingEntries: Int
    /// Of all guests, those that have left included.
    package var traffic: TrafficDocument
    package var ports: [PortDocument]
    package var forwards: [ForwardDocument]
}
