import VmnetWire

/// What the table knows about one address that is not free.
struct Binding: Sendable {
    /// Who may have the address, and what becomes of it at the deadline.
    enum State: Int, CaseIterable, Sendable {
        /// Held for a client that was told of it and has not asked for it yet. At the deadline it is free, or
        /// remembered when the client had leased it before.
        case offered
        /// In use by its client. At the deadline the client is remembered; the lease of a station that is attached is
        /// renewed instead, whether or not the guest knows how to.
        case leased
        /// The lease ended at the deadline. The client gets the address again when it comes back; another client gets
        /// it when no address is free, longest unused first.
        case remembered
        /// Somebody else uses the address. Nobody gets it before the deadline; then it is free.
        case quarantined
    }

    var lease: Lease
    var state: State
    var deadline: LeaseTime
    /// What was granted last: an attached station's lease is renewed for this long.
    var duration = DHCPDuration(seconds: 0)
    /// Offered only: the client has leased the address before, until `lease.expiry`.
    var wasLeased = false
    /// Of the queue entry that stands for this binding, which may be due before `deadline` but not after it.
    var stamp: UInt32 = 0
    var queuedTime = LeaseTime.never

    /// Whether the lease file has, or should have, a line for it.
    var isRecorded: Bool { state == .leased || state == .remembered || (state == .offered && wasLeased) }
}
