/// How many flows one guest may open, and how fast.
///
/// A flow costs a descriptor, and for TCP up to 256 KiB of buffers; libslirp itself has no limit. What the relay keeps is
/// limited for all connections together: see `StreamBufferPool`.
package struct FlowLimits: Equatable, Sendable {
    /// Sustained rate of new flows of all kinds.
    package var newFlowsPerSecond: Int
    /// New flows that may come at once.
    package var burst: Int
    /// Connections at a time, those being opened or closed included.
    package var maximumTCP: Int
    /// Source ports at a time that have sent a datagram in the last four minutes.
    package var maximumUDP: Int
    /// Echo requests without an answer at a time; an unanswered one counts for four minutes.
    package var maximumICMP: Int
    /// Answers a second to what policy refuses: resets and ICMP errors made by the NAT itself. So many that a program
    /// gets its answer, though another one scans a network.
    package var refusalsPerSecond: Int

    package init(
        newFlowsPerSecond: Int = 20_000, burst: Int = 20_000, maximumTCP: Int = 16_384, maximumUDP: Int = 16_384,
        maximumICMP: Int = 256, refusalsPerSecond: Int = 10_000
    ) {
        self.newFlowsPerSecond = newFlowsPerSecond
        self.burst = burst
        self.maximumTCP = maximumTCP
        self.maximumUDP = maximumUDP
        self.maximumICMP = maximumICMP
        self.refusalsPerSecond = refusalsPerSecond
    }

    func maximum(of kind: FlowKind) -> Int {
        switch kind {
        case .tcp: maximumTCP
        case .udp: maximumUDP
        case .icmp: maximumICMP
        }
    }
}

/// What a flow's host socket is.
enum FlowKind: UInt8, CaseIterable, Sendable {
    case tcp
    case udp
    case icmp
}
