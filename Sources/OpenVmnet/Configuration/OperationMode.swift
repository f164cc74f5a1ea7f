/// How a network reaches beyond its own segment, as vmnet names it.
public enum OperationMode: String, CaseIterable, Sendable {
    /// Guests reach each other, the host, and through address translation whatever the host reaches.
    case shared
    /// Guests reach each other and the host, nothing else.
    case host
    /// Guests are on the host's own physical network.
    case bridged

    /// Whether what a guest connects to is on this host, as far as its TCP can tell: the NAT's relay, a service of the
    /// host, another guest.
    package var endsConnections: Bool { self != .bridged }
}
