import VmnetSystem

/// Memory for the datagrams of one batch, in and out. The NATs of a network share one, because they run one after the
/// other under the network's lock.
package final class UDPBuffers {
    /// Taken out while a guest's batch is being collected.
    var staging = DatagramStaging()
    var sending = DatagramSendBatch()
    var receiving = DatagramReceiveBatch()
    var errors = DatagramErrorReader()

    package init() {}
}
