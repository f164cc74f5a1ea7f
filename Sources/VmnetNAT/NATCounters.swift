/// What the NAT of one guest has done besides passing frames on. Frames dropped on the way in are the caller's to count.
package struct NATCounters: Equatable, Sendable {
    /// Flows admitted.
    package internal(set) var openedFlows: UInt64 = 0
    /// Resets and ICMP errors made for refused packets.
    package internal(set) var refusals: UInt64 = 0
    /// Datagrams put together from fragments.
    package internal(set) var reassembled: UInt64 = 0
    /// Times libslirp was asked where a connection stands, because a segment came early.
    package internal(set) var probes: UInt64 = 0
    /// Connections reset because they were half closed and silent, or were opened again by the guest.
    package internal(set) var resetConnections: UInt64 = 0
    /// Sockets that could not be made.
    package internal(set) var failedSockets: UInt64 = 0
    /// Frames for the guest that its port did not take.
    package internal(set) var refusedByPort: UInt64 = 0

    /// Datagrams that the host did not take: no room in the socket, no route, a peer that cannot be.
    package internal(set) var unsentDatagrams: UInt64 = 0
    /// Datagrams from an address that the guest's port has not sent to.
    package internal(set) var unsolicitedDatagrams: UInt64 = 0
    /// Errors of the network about datagrams that were passed on to the guest.
    package internal(set) var reportedErrors: UInt64 = 0
    /// Flows of datagrams that were given up before their time to make room.
    package internal(set) var evictedFlows: UInt64 = 0

    package init() {}
}
