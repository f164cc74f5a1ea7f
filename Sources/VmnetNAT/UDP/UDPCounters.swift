/// What became of datagrams that did not get through. Frames dropped on the way in are the caller's to count.
struct UDPCounters: Equatable, Sendable {
    /// Datagrams that the host did not take: no room in the socket, no route, a peer that cannot be.
    var unsent: UInt64 = 0
    /// Datagrams from an address that the guest's port has not sent to.
    var unsolicited: UInt64 = 0
    /// Errors of the network passed on to the guest.
    var errors: UInt64 = 0
    /// Flows given up before their time to make room.
    var evicted: UInt64 = 0
    var opened: UInt64 = 0
    var failedSockets: UInt64 = 0
    /// Frames for the guest that its port did not take.
    var refusedByPort: UInt64 = 0

    func add(to counters: inout NATCounters) {
        counters.openedFlows += opened
        counters.failedSockets += failedSockets
        counters.refusedByPort += refusedByPort
        counters.unsentDatagrams += unsent
        counters.unsolicitedDatagrams += unsolicited
        counters.reportedErrors += errors
        counters.evictedFlows += evicted
    }
}
