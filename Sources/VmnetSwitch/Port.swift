package import VmnetWire

/// The switch's end of an interface: where frames for one guest leave the network.
///
/// A port owns a bounded queue. `enqueue` copies the frame into it and never blocks; `flush` hands what is queued to
/// the guest with as few system calls as the transport allows and keeps what it does not take. The network calls
/// `flush` once at the end of each batch, on every port that the batch touched.
///
/// Every call comes with the network's lock held.
package protocol Port: AnyObject {
    /// Queues a copy of one Ethernet frame of at least 14 bytes.
    ///
    /// - Parameters:
    ///   - frame: the bytes from the destination address on, without frame check sequence; lent for the call.
    ///   - offload: what is still to be done to the frame. A port that cannot pass it on does the work itself.
    ///   - urgency: whether the frame may be dropped when the guest does not read.
    /// - Returns: nil when queued, or why the frame was dropped. The caller counts it.
    func enqueue(_ frame: Span<UInt8>, offload: OffloadDescriptor, urgency: FrameUrgency) -> DropReason?

    /// Writes queued frames until the queue is empty or the guest takes no more.
    func flush()

    /// How many more bytes the guest's NAT may queue before it should wait for the guest to read.
    var heldRoom: Int { get }

    /// How many more bytes of ordinary frames it may queue before they are dropped.
    var ordinaryRoom: Int { get }
}

/// What becomes of a frame for a guest that does not read.
package enum FrameUrgency: Sendable {
    /// Dropped once the port's queue is full, as on any link.
    case ordinary
    /// Held, up to the port's hard limit: a TCP segment of the NAT, which recovers from a loss only after seconds.
    case held
}
