import CVmnet

/// The memory of one packet of the program's: `count` parts, of which none is bigger than what it is said to be.
///
/// Safety: the program lends the parts and what they lead to for the call that this value is made in, and it does not change
/// how big they are meanwhile.
@safe
struct PacketParts {
    private let parts: UnsafePointer<iovec>
    private let count: Int
    /// Bytes that all parts together have room for.
    let byteCount: Int

    /// nil for parts that lead nowhere.
    init?(_ parts: UnsafePointer<iovec>?, count: Int) {
        guard let parts = unsafe parts, count > 0 else { return nil }
        var byteCount = 0
        for index in 0..<count {
            let part = unsafe parts[index]
            guard unsafe part.iov_base != nil || part.iov_len == 0 else { return nil }
            let (sum, isOver) = unsafe byteCount.addingReportingOverflow(part.iov_len)
            guard !isOver, sum >= byteCount else { return nil }
            byteCount = sum
        }
        unsafe self.parts = parts
        self.count = count
        self.byteCount = byteCount
    }

    /// Fills the parts in their order; there must be room.
    func fill(with packet: Span<UInt8>) {
        // Safety: no part is written beyond its length.
        unsafe packet.withUnsafeBytes { bytes in
            var rest = unsafe bytes
            for index in 0..<count where unsafe !rest.isEmpty {
                let part = unsafe parts[index]
                let length = unsafe min(part.iov_len, rest.count)
                guard length > 0, let base = unsafe part.iov_base else { continue }
                unsafe base.copyMemory(from: rest.baseAddress.unsafelyUnwrapped, byteCount: length)
                unsafe rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(length))
            }
        }
    }

    /// The first bytes where they are, when one part has them all; nil otherwise.
    func contiguous(_ byteCount: Int) -> UnsafeBufferPointer<UInt8>? {
        guard let base = unsafe parts.pointee.iov_base, unsafe parts.pointee.iov_len >= byteCount else { return nil }
        // Safety: within the part.
        return unsafe UnsafeBufferPointer(start: base.assumingMemoryBound(to: UInt8.self), count: byteCount)
    }

    /// Copies the first bytes to `target`; both have that many.
    func gather(_ byteCount: Int, to target: UnsafeMutableRawPointer) {
        var offset = 0
        for index in 0..<count where offset < byteCount {
            let part = unsafe parts[index]
            let length = unsafe min(part.iov_len, byteCount - offset)
            guard length > 0, let base = unsafe part.iov_base else { continue }
            // Safety: within the part, and within the target.
            unsafe (target + offset).copyMemory(from: base, byteCount: length)
            offset += length
        }
    }
}
