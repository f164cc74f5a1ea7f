import VmnetSystem
import VmnetWire

/// Room for one batch of frames of the uplink, in each direction.
///
/// About 2 MB of address space, of which only what batches have filled is resident, and as much for what is joined.
package final class PacketBuffers {
    var receive = PacketReceiveBatch()
    var send = PacketSendBatch()
    private var coalescer = Coalescer()

    package init() {}

    /// Fills the batch to send with the frames at the front of the queue, each with its header before it.
    func fill(from queue: borrowing FrameQueue) {
        send.removeAll()
        var offset = 0
        while let record = queue.record(at: offset),
            send.append(
                header: record.lowerBound, frame: (record.lowerBound + VirtioNetHeader.byteCount)..<record.upperBound)
        {
            offset = record.upperBound
        }
    }

    /// Joins the frames that `body` gives to the coalescer, one batch, before `handle` sees them.
    func coalesce(
        _ handle: (Span<UInt8>, OffloadDescriptor) -> Void,
        _ body: (inout PacketReceiveBatch, inout Coalescer) -> Void
    ) {
        body(&receive, &coalescer)
        coalescer.flush(handle)
    }
}
