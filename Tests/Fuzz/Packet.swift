import VmnetPorts
import VmnetSwitch
import VmnetSystem
import VmnetWire

extension FuzzTarget {
    /// A frame of the physical network, with what the kernel says beside it: status, VLAN and protocol of a tag (8 bytes),
    /// then the virtio-net header. Whatever they say, a port that passes them on and one that does the work itself take
    /// the frame or refuse it, and what is said of a frame with its tag is what was said of it without.
    static let packet = FuzzTarget(name: "packet") { bytes in
        guard bytes.count >= 8 + VirtioNetHeader.byteCount + Frame.minimumByteCount else { return }
        let tag = AuxiliaryData(status: bytes.be32(at: 0), control: bytes.be16(at: 4), proto: bytes.be16(at: 6)).tag
        let header = bytes.extracting(8..<(8 + VirtioNetHeader.byteCount))
        let rest = bytes.extracting(droppingFirst: 8 + VirtioNetHeader.byteCount)
        var frame = [UInt8](copying: rest)
        if let tag {
            frame.insert(contentsOf: (0..<4).map { UInt8(truncatingIfNeeded: tag >> (24 - 8 * $0)) }, at: 12)
        }
        guard PacketReceiver.refusal(of: frame.span, isTruncated: false) == nil,
            let offload = try? PacketReceiver.offload(header, isTagged: tag != nil)
        else { return }
        if offload.needsChecksum, let plain = try? PacketReceiver.offload(header, isTagged: false) {
            let moved = Int(offload.checksumStart) - Int(plain.checksumStart)
            require(moved == (tag == nil ? 0 : 4), "\(offload)")
        }
        for hasHeader in [false, true] {
            var queue = FrameQueue(hasVirtioHeader: hasHeader)
            let reason = queue.enqueue(frame.span, offload: offload, urgency: .ordinary)
            require((reason == nil) == !queue.isEmpty, "\(String(describing: reason))")
        }
    }
}
