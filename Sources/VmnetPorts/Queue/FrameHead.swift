import VmnetWire

/// What goes before the bytes of a frame that are written from where they lie: the virtio-net header, and those of the
/// frame's own headers that must be changed, since Linux takes segments with a partial checksum only.
struct FrameHead: ~Copyable {
    /// The longest Ethernet (with two VLAN tags), IP and TCP headers.
    private static let headersCapacity = 22 + 60 + 60

    /// Whether the virtio-net header is without the number of buffers.
    private let isShort: Bool
    private var storage = ByteStorage()

    init(isShort: Bool = false) {
        self.isShort = isShort
        storage.resize(to: VirtioNetHeader.byteCount + Self.headersCapacity)
    }

    /// Lends what goes before, and the rest of the frame; nil for a frame that contradicts its descriptor.
    mutating func write<R>(
        _ frame: Span<UInt8>, _ offload: OffloadDescriptor, _ body: (Span<UInt8>, Span<UInt8>) -> R
    ) -> R? {
        let start = isShort ? VirtioNetHeader.shortByteCount : VirtioNetHeader.byteCount
        var offload = offload
        var copied = 0
        if offload.segmentation != .none, !offload.needsChecksum {
            guard let headers = try? SuperFrameHeaders(parsing: frame, offload) else { return nil }
            copied = headers.headerByteCount
            storage.copy(frame.extracting(first: copied), to: start)
            offload = storage.withMutableBytes(start..<(start + copied)) {
                headers.makeChecksumPartial(in: &$0, byteCount: frame.count)
            }
        }
        let header = VirtioNetHeader(offload: offload)
        storage.write(start, at: 0) { isShort ? header.writeShort(to: &$0) : header.write(to: &$0) }
        return storage.withBytes(0..<(start + copied)) { body($0, frame.extracting(droppingFirst: copied)) }
    }
}
