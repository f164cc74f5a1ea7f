package import VmnetSwitch
package import VmnetWire

/// A port whose guest is behind a descriptor that the network's loop watches.
///
/// The loop waits for the descriptor to be readable, and for it to be writable while `isBlocked`. Every call comes with
/// the network's lock held, on any thread.
package protocol Transport: Port {
    /// For epoll only; the transport owns it and closes it when it is released. nil: the guest is in this process, and calls
    /// the network itself.
    var descriptor: Int32? { get }

    /// Whether queued frames wait for the guest to take more.
    var isBlocked: Bool { get }

    /// What waits for the guest to take it. Not for each frame: it looks at all that waits.
    var queueDepth: QueueDepth { get }

    /// Whether the guest's kernel has handled, within the call that wrote it, something that it acknowledges at once: then
    /// there is something to receive already. Until the next `receive`.
    var expectsAnswer: Bool { get }

    /// Whether another thread reads TCP segments here one by one, and is busier with them than the network's. Where the
    /// network's thread writes each, or they go on whole, it is the busy one.
    var isReadBySegment: Bool { get }

    /// Somebody waits for room that there is not. Where no descriptor says when the guest has taken something, the guest's
    /// next read has to.
    func expectRoom()

    /// Reads one batch without blocking and hands each frame to `handle`.
    ///
    /// The frame is lent for the call. Frames are whole, at least 14 bytes and at most `Frame.maximumByteCount`; what is
    /// not is counted and left out. `handle` may call `enqueue` on this port, but not `flush`.
    func receive(_ handle: (Span<UInt8>, OffloadDescriptor) -> Void) -> ReceiveOutcome

    /// Frames that the transport itself had to drop since the last call, by reason: on receipt, or after `enqueue` had
    /// taken them.
    func takeDrops() -> [(reason: DropReason, count: UInt64)]

    /// What a successor of this process needs to go on with the same descriptor; nil when it cannot. Nothing is received or
    /// sent afterwards.
    func remainder() -> TransportRemainder?
}

extension Transport {
    /// The descriptor is writable then.
    package func expectRoom() {}

    /// A socket carries frames as they are on a wire.
    package var isReadBySegment: Bool { true }

    /// Another process has to run first.
    package var expectsAnswer: Bool { false }

    /// Each message is a whole frame.
    package func remainder() -> TransportRemainder? { TransportRemainder() }
}

/// What is to be done after a batch was received.
package enum ReceiveOutcome: Equatable, Sendable {
    /// The guest has no more for now: wait for the descriptor.
    case drained
    /// The batch was full: there may be more, but others come first.
    case more
    /// The guest has gone, or has broken the protocol; `reason` says how, in words for the log. Detach the port.
    case closed(reason: String)
}
