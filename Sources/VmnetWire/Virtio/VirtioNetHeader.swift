/// `struct virtio_net_hdr_v1` (virtio 1.2, 5.1.6), little-endian, as TAP, AF_PACKET and vhost-user carry it.
///
/// ```
///  0        1        2                 4                 6                 8                 10                12
/// +--------+--------+-----------------+-----------------+-----------------+-----------------+-----------------+
/// | flags  |gso type| header length   | gso size        | csum start      | csum offset     | buffers         |
/// +--------+--------+-----------------+-----------------+-----------------+-----------------+-----------------+
/// ```
package struct VirtioNetHeader: Equatable, Sendable {
    package static let byteCount = 12
    /// Without the number of buffers: `struct virtio_net_hdr`.
    package static let shortByteCount = 10

    package var offload: OffloadDescriptor
    /// VIRTIO_NET_HDR_F_DATA_VALID: the device has verified the checksum.
    package var isChecksumValid: Bool
    /// 1, unless receive buffers are merged.
    package var bufferCount: UInt16

    package init(offload: OffloadDescriptor, isChecksumValid: Bool = false) {
        self.offload = offload
        self.isChecksumValid = isChecksumValid
        bufferCount = 1
    }

    private static let needsChecksum: UInt8 = 1
    private static let dataValid: UInt8 = 2
    /// VIRTIO_NET_HDR_GSO_ECN.
    private static let ecn: UInt8 = 0x80

    /// Throws `.malformed` for a segmentation type that is not ours, one without a segment size, or ECN without TCP.
    /// Flags that are not ours (virtio 1.2 has one, for coalesced receive buffers that nobody negotiates) are left out.
    package init(parsing bytes: Span<UInt8>) throws(WireError) {
        guard bytes.count >= Self.byteCount else { throw .truncated }
        guard let segmentation = OffloadDescriptor.Segmentation(rawValue: bytes[1] & ~Self.ecn) else {
            throw .malformed
        }
        offload = OffloadDescriptor(
            segmentation: segmentation, segmentSize: bytes.le16(at: 4), headerLength: bytes.le16(at: 2),
            needsChecksum: bytes[0] & Self.needsChecksum != 0, checksumStart: bytes.le16(at: 6),
            checksumOffset: bytes.le16(at: 8), hasECN: bytes[1] & Self.ecn != 0)
        guard segmentation == .none || offload.segmentSize > 0 else { throw .malformed }
        isChecksumValid = bytes[0] & Self.dataValid != 0
        guard !offload.hasECN || segmentation == .tcpv4 || segmentation == .tcpv6 else { throw .malformed }
        bufferCount = bytes.le16(at: 10)
    }

    package func write(to output: inout OutputSpan<UInt8>) {
        writeShort(to: &output)
        output.append(le16: bufferCount)
    }

    /// Writes all but the number of buffers, as a packet socket takes it.
    package func writeShort(to output: inout OutputSpan<UInt8>) {
        output.append((offload.needsChecksum ? Self.needsChecksum : 0) | (isChecksumValid ? Self.dataValid : 0))
        output.append(offload.segmentation.rawValue | (offload.hasECN ? Self.ecn : 0))
        output.append(le16: offload.headerLength)
        output.append(le16: offload.segmentSize)
        output.append(le16: offload.checksumStart)
        output.append(le16: offload.checksumOffset)
    }
}
