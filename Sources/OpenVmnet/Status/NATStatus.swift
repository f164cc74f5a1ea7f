import VmnetNAT

/// What the NAT of one guest has to do.
public struct NATStatus: Equatable, Sendable {
    /// Flows that are open: connections, UDP ports, unanswered pings.
    public let flows: Int
    /// Flows opened since the guest attached.
    public let openedFlows: UInt64
    /// Packets that were answered with a reset or an ICMP error because they may not pass.
    public let refusals: UInt64
    /// Frames for the guest that found its queue full.
    public let refusedByPort: UInt64

    init(flows: Int, _ counters: NATCounters) {
        self.flows = flows
        openedFlows = counters.openedFlows
        refusals = counters.refusals
        refusedByPort = counters.refusedByPort
    }
}
