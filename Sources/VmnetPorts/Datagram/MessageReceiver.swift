import VmnetSwitch
import VmnetWire

/// Messages from a guest that sends one frame in each.
enum MessageReceiver {
    /// Judges one message, and gives its frame to `coalescer` if it is one.
    @inline(__always)
    static func deliver(
        _ bytes: Span<UInt8>, isTruncated: Bool, drops: inout DropCounter, _ coalescer: inout Coalescer,
        _ handle: (Span<UInt8>, OffloadDescriptor) -> Void
    ) {
        if bytes.count > Frame.maximumByteCount || isTruncated {
            drops.count(.oversize)
        } else if bytes.count < Frame.minimumByteCount {
            drops.count(.malformed)
        } else {
            coalescer.take(bytes, handle)
        }
    }
}
