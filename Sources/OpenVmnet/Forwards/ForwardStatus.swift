public import VmnetWire

/// How a port forward stands.
public struct ForwardStatus: Equatable, Sendable {
    /// The forward, with the port that it really has.
    public let forward: PortForward
    /// Where it leads now, or why it leads nowhere.
    public let guest: Guest
    /// Connections that are open, being opened or being closed; 0 for UDP.
    public let openConnections: Int
    /// Connections handed to guests so far; 0 for UDP.
    public let acceptedConnections: UInt64
    /// Connections closed at once, at the limits of the guest or of this process.
    public let refusedConnections: UInt64
    /// Datagrams from clients to guests so far; 0 for TCP. Several in a row from one client may count as one.
    public let receivedDatagrams: UInt64
    /// Datagrams from guests to clients so far; 0 for TCP. Several in one frame of a guest's count as one.
    public let sentDatagrams: UInt64

    /// The guest's side of a forward.
    public enum Guest: Equatable, Sendable {
        /// The guest is there, at this address.
        case present(IPv4Address)
        /// Clients are refused; the sentence says what is missing: `no guest has an address yet`.
        case waiting(String)
    }
}
