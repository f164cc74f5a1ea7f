/// Bounds on the frames that cross the network.
package enum Frame {
    /// An IP packet of 65535 bytes behind an Ethernet header with a VLAN tag.
    package static let maximumByteCount = 65535 + 18
    /// An Ethernet header.
    package static let minimumByteCount = 14
}
