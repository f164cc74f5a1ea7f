/// Why a packet of an interface in this process cannot be sent.
package enum PacketError: Error, Equatable, Sendable {
    /// No whole Ethernet header, or no whole virtio-net header before it.
    case tooShort
    /// Longer than the interface takes, or longer than the MTU and nothing that can be cut.
    case tooLong
    /// The virtio-net header says what is not so.
    case contradictory
}
