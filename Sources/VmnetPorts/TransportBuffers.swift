import VmnetSystem
import VmnetWire

/// Room for one batch, shared by all transports of one network, since they are served one after the other: a port that
/// has nothing to say needs no buffer of its own.
///
/// About 5 MB of address space, of which only what batches have filled is resident: 0.3 MB with frames of 1514 bytes, and
/// as much again when they are joined.
package final class TransportBuffers {
    /// Whole pages, so that a short frame touches one.
    private static let slotByteCount = 17 * 4096

    let receive = ReceiveBatch(slotByteCount: TransportBuffers.slotByteCount)
    var send = SendBatch()
    /// nil while a batch is in it.
    private var coalescer: Coalescer? = Coalescer()

    package init() {
        precondition(Self.slotByteCount >= Frame.maximumByteCount + VirtioNetHeader.byteCount)
    }

    /// Joins the frames that `body` gives to the coalescer, one batch, before `handle` sees them.
    func coalesce(_ handle: (Span<UInt8>, OffloadDescriptor) -> Void, _ body: (inout Coalescer) -> Void) {
        // Out of the object for the batch: an access to it that lasts would make every other one dearer.
        guard var coalescer = coalescer.take() else { preconditionFailure("a batch within a batch") }
        body(&coalescer)
        coalescer.flush(handle)
        self.coalescer = consume coalescer
    }
}
