import VmnetSystem
import VmnetWire

/// Room for one batch, shared by all transports of one network, since they are served one after the other: a port that
/// has nothing to say needs no buffer of its own.
///
/// About 4.5 MB of address space, of which only what batches have filled is resident: 0.3 MB with frames of 1514 bytes.
package final class TransportBuffers {
    /// Whole pages, so that a short frame touches one.
    private static let slotByteCount = 17 * 4096

    let receive = ReceiveBatch(slotByteCount: TransportBuffers.slotByteCount)
    var send = SendBatch()

    package init() {
        precondition(Self.slotByteCount >= Frame.maximumByteCount + VirtioNetHeader.byteCount)
    }
}
