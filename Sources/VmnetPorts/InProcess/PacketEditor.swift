import VmnetWire

/// A copy of a frame in which a checksum is to be changed. It takes no memory until there is one.
package struct PacketEditor: ~Copyable {
    private var storage = ByteStorage()

    package init() {}

    /// Lends `body` the frame with another checksum at `offset`.
    mutating func edit(_ frame: Span<UInt8>, storing checksum: UInt16, at offset: Int, _ body: (Span<UInt8>) -> Void) {
        if storage.capacity < frame.count { storage.resize(to: Frame.maximumByteCount) }
        storage.copy(frame, to: 0)
        storage.withMutableBytes(0..<frame.count) { $0.store(be16: checksum, at: offset) }
        storage.withBytes(0..<frame.count, body)
    }
}
