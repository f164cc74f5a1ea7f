import Glibc

/// Bytes at an address that stays the same while this object lives, with a zero behind them.
///
/// Safety: written once, by `init`, and freed by `deinit`.
@safe
final class XPCBytes: @unchecked Sendable {
    /// The first byte.
    let start: UnsafeRawPointer
    /// Without the zero.
    let count: Int

    /// A copy of `count` bytes at `source`, which may be nil when there are none.
    init(copying source: UnsafeRawPointer?, count: Int) {
        // Safety: room for the bytes and the zero, both of which are written here.
        let memory = UnsafeMutableRawPointer.allocate(byteCount: count + 1, alignment: 16)
        if let source = unsafe source { unsafe memory.copyMemory(from: source, byteCount: count) }
        unsafe memory.storeBytes(of: 0, toByteOffset: count, as: UInt8.self)
        unsafe start = UnsafeRawPointer(memory)
        self.count = count
    }

    deinit {
        // Safety: allocated by `init`; whoever was lent the bytes had to hold this object.
        unsafe start.deallocate()
    }

    /// The bytes as a C string.
    var string: UnsafePointer<CChar> {
        // Safety: bytes and characters have the same layout, and there is a zero behind them.
        unsafe start.assumingMemoryBound(to: CChar.self)
    }

    /// The bytes as they are.
    var bytes: UnsafePointer<UInt8> {
        // Safety: they are bytes.
        unsafe start.assumingMemoryBound(to: UInt8.self)
    }
}

extension XPCBytes {
    /// A copy of a C string.
    convenience init(string: UnsafePointer<CChar>) {
        // Safety: whoever passes a C string passes its zero.
        unsafe self.init(copying: string, count: strlen(string))
    }

    /// A copy of a text in UTF-8.
    static func text(_ text: String) -> XPCBytes {
        // Safety: the string lives for the call.
        unsafe text.withCString { unsafe XPCBytes(string: $0) }
    }

    /// A copy of the octets.
    static func octets(_ octets: [UInt8]) -> XPCBytes {
        // Safety: the array lives for the call.
        unsafe octets.withUnsafeBytes { unsafe XPCBytes(copying: $0.baseAddress, count: $0.count) }
    }
}

extension XPCBytes: Equatable {
    static func == (left: XPCBytes, right: XPCBytes) -> Bool {
        // Safety: both have that many bytes.
        unsafe left.count == right.count && memcmp(left.start, right.start, left.count) == 0
    }
}
