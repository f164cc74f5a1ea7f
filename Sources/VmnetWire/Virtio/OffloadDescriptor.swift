/// What a virtio-net header says about a frame: whether its checksum is still partial, and how it is to be segmented.
///
/// It travels beside the bytes through the switch. `.none` is a plain, complete frame that fits the MTU.
@usableFromInline
package struct OffloadDescriptor: Equatable, Sendable {
    @usableFromInline
    package enum Segmentation: UInt8, Sendable {
        case none = 0
        /// TCP over IPv4: every segment but the last carries `segmentSize` bytes.
        case tcpv4 = 1
        /// TCP over IPv6.
        case tcpv6 = 4
        /// UDP, either family: every datagram but the last carries `segmentSize` bytes.
        case udp = 5
    }

    @usableFromInline package var segmentation: Segmentation
    /// Payload bytes of one segment; meaningless without segmentation.
    @usableFromInline package var segmentSize: UInt16
    /// Bytes of all headers, Ethernet included; 0 = unknown.
    @usableFromInline package var headerLength: UInt16
    /// Set: the checksum over everything from `checksumStart` on is still to be stored at
    /// `checksumStart + checksumOffset`; the field holds the pseudo-header's sum.
    ///
    /// Not set: the field is right for the frame as it is. That of a frame with segmentation covers all of its data.
    @usableFromInline package var needsChecksum: Bool
    @usableFromInline package var checksumStart: UInt16
    @usableFromInline package var checksumOffset: UInt16
    /// The TCP segments take part in explicit congestion notification: of those with CWR set, it is only on the first
    /// (RFC 3168, 6.1.2).
    @usableFromInline package var hasECN: Bool

    @inlinable
    package init(
        segmentation: Segmentation = .none, segmentSize: UInt16 = 0, headerLength: UInt16 = 0,
        needsChecksum: Bool = false, checksumStart: UInt16 = 0, checksumOffset: UInt16 = 0, hasECN: Bool = false
    ) {
        self.segmentation = segmentation
        self.segmentSize = segmentSize
        self.headerLength = headerLength
        self.needsChecksum = needsChecksum
        self.checksumStart = checksumStart
        self.checksumOffset = checksumOffset
        self.hasECN = hasECN
    }

    /// A complete frame.
    package static let none = OffloadDescriptor()

    /// Whether nothing is left to do.
    @inlinable
    package var isNone: Bool { segmentation == .none && !needsChecksum }
}
