package import VmnetSwitch
package import VmnetWire

/// Frames from a packet socket: what the kernel says is left to do to one, in the form that travels through the network.
package enum PacketReceiver {
    private static let tagByteCount: UInt16 = 4

    /// The descriptor of a frame.
    ///
    /// - Parameters:
    ///   - header: the virtio-net header, as the kernel wrote it.
    ///   - isTagged: whether a VLAN tag was put into the frame after that, before everything that the header points to.
    /// - Throws: `.malformed` for a header that says nothing that we know.
    package static func offload(_ header: Span<UInt8>, isTagged: Bool) throws(WireError) -> OffloadDescriptor {
        var offload = try VirtioNetHeader(parsing: header).offload
        guard isTagged else { return offload }
        if offload.needsChecksum {
            let (start, isBeyond) = offload.checksumStart.addingReportingOverflow(tagByteCount)
            guard !isBeyond else { throw .malformed }
            offload.checksumStart = start
        }
        if offload.headerLength > 0 { offload.headerLength = offload.headerLength &+ tagByteCount }
        return offload
    }

    /// Why a frame goes no further; nil when it does.
    package static func refusal(of frame: Span<UInt8>, isTruncated: Bool) -> DropReason? {
        if isTruncated || frame.count > Frame.maximumByteCount { return .oversize }
        return frame.count < Frame.minimumByteCount ? .malformed : nil
    }
}
