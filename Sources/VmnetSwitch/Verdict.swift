/// Where a frame goes.
package enum Verdict: Equatable, Sendable {
    /// To the network's services and the guest's NAT only: it is addressed to the gateway.
    case gateway
    /// To one guest, or to the physical network.
    case port(PortID)
    /// To every port that may hear from its own: see `Switch.forEachPeer`. `gateway` says whether the services see it
    /// too: they do for group addresses.
    case flood(gateway: Bool)
    case drop(DropReason)
}
