import VmnetSwitch
import VmnetWire

/// What is left to do to a frame where it leaves the network, in the copy that leaves it.
extension OffloadDescriptor {
    /// Completes a partial checksum.
    func complete(_ frame: inout MutableSpan<UInt8>) -> DropReason? {
        guard needsChecksum else { return nil }
        do throws(WireError) {
            try PartialChecksum.complete(in: &frame, start: Int(checksumStart), offset: Int(checksumOffset))
            return nil
        } catch {
            return .malformed
        }
    }

    /// What a virtio-net header is to say of the frame; nil when the frame is not what this says. Linux takes segments with a
    /// partial checksum only, so a whole one is made partial.
    func announced(in frame: inout MutableSpan<UInt8>) -> OffloadDescriptor? {
        guard segmentation != .none, !needsChecksum else { return self }
        let byteCount = frame.count
        return (try? SuperFrameHeaders(parsing: frame.span, self))?
            .makeChecksumPartial(in: &frame, byteCount: byteCount)
    }
}
