// GLib comes with libslirp: a second implementation would be one too many.
import CSlirp

/// A SHA-256 digest that grows with the data. The corresponding C type is GLib's `GChecksum`.
@safe struct SHA256: ~Copyable {
    // Safety: made in init, freed in deinit, used in between by one thread at a time.
    private let checksum: OpaquePointer

    init() {
        // Safety: GLib returns nil only for a type of checksum that it does not know.
        unsafe checksum = g_checksum_new(G_CHECKSUM_SHA256)
    }

    deinit {
        unsafe g_checksum_free(checksum)
    }

    mutating func update(_ bytes: Span<UInt8>) {
        // Safety: GLib reads the span's bytes during the call.
        unsafe bytes.withUnsafeBufferPointer { unsafe g_checksum_update(checksum, $0.baseAddress, $0.count) }
    }

    /// 64 lower-case hexadecimal digits.
    consuming func finish() -> String {
        // Safety: the string is GLib's, and copied before the checksum is freed.
        unsafe String(cString: g_checksum_get_string(checksum))
    }
}
