import VmnetSystem

/// Memory for the datagrams of one batch, in and out. The NATs of a network share one, because they run one after the
/// other under the network's lock.
package final class UDPBuffers {
    /// Lent to the guest whose batch is being collected.
    private var staging = DatagramStaging()
    var sending = DatagramSendBatch()
    let receiving = DatagramReceiveBatch()
    var errors = DatagramErrorReader()

    package init() {}

    /// Gives a guest the memory for its batch, or takes it back.
    func exchange(_ staging: inout DatagramStaging) {
        swap(&self.staging, &staging)
    }
}
