package import VmnetSwitch
import VmnetWire

/// QEMU's framing of frames on a stream of bytes, without the stream: bytes in, frames out.
///
/// ```
///  0                   4                          4 + length
/// +-------------------+--------------------------+----
/// | length, 32 bits BE| frame                    | next length
/// +-------------------+--------------------------+----
/// ```
///
/// A frame that lies whole in what is fed in is handed on in place; only one that is cut off is copied.
package struct StreamFraming: ~Copyable {
    /// The longest frame that QEMU accepts; whoever announces a longer one has lost the frame boundaries.
    package static let maximumLength = 69_632
    private static let lengthByteCount = 4
    /// What is kept for the next cut-off frame.
    private static let keptCapacity = 4096

    /// A length that no frame can have.
    package struct Violation: Equatable, Sendable {
        package let length: UInt32
    }

    /// The start of a frame that was cut off, its length included.
    private var partial = ByteStorage()
    private var partialByteCount = 0
    /// Bytes to come of a frame that is not ours to carry.
    private var skippedByteCount = 0
    private var drops = DropCounter()
    /// Of what is handed on.
    private let shortestLength: Int
    private let longestLength: Int

    /// - Parameter headerByteCount: of the header that each frame has before it, which is handed on with it.
    package init(headerByteCount: Int = 0) {
        shortestLength = headerByteCount + Frame.minimumByteCount
        longestLength = headerByteCount + Frame.maximumByteCount
    }

    /// Whether the bytes so far end within a frame.
    package var isWithinFrame: Bool { partialByteCount > 0 || skippedByteCount > 0 }

    /// The start of a frame that was cut off, its length included; empty between frames, nil within one that is skipped.
    package var cutFrame: [UInt8]? {
        guard skippedByteCount == 0 else { return nil }
        return partial.withBytes(0..<partialByteCount) { [UInt8](copying: $0) }
    }

    /// Takes the next bytes of the stream, and hands each frame that they complete to `body`: 14 bytes at least,
    /// `Frame.maximumByteCount` at most, and its header. Other lengths up to `maximumLength` are skipped and counted.
    ///
    /// Returns what is wrong with the stream, after which it cannot be read on; nil when nothing is.
    package mutating func decode(_ bytes: Span<UInt8>, _ body: (Span<UInt8>) -> Void) -> Violation? {
        var offset = 0
        if isWithinFrame {
            switch resume(bytes, body) {
            case .success(let taken): offset = taken
            case .failure(let violation): return violation
            }
        }
        while bytes.count - offset >= Self.lengthByteCount {
            let length = Int(bytes.be32(at: offset))
            let start = offset + Self.lengthByteCount
            if length >= shortestLength, length <= longestLength {
                guard bytes.count - start >= length else { break }
                body(bytes.extracting(start..<(start + length)))
                offset = start + length
            } else {
                guard length <= Self.maximumLength else { return Violation(length: bytes.be32(at: offset)) }
                drop(length)
                offset = start + skip(bytes.count - start)
            }
        }
        if offset < bytes.count { keep(bytes.extracting(droppingFirst: offset)) }
        return nil
    }

    /// Frames dropped since the last call.
    package mutating func takeDrops() -> [(reason: DropReason, count: UInt64)] { drops.take() }
}

extension StreamFraming {
    private enum Resumption {
        /// So many bytes belong to what came before.
        case success(Int)
        case failure(Violation)
    }

    /// Goes on with the frame that was cut off.
    private mutating func resume(_ bytes: Span<UInt8>, _ body: (Span<UInt8>) -> Void) -> Resumption {
        var offset = skip(bytes.count)
        guard partialByteCount > 0 else { return .success(offset) }
        offset += complete(bytes, from: offset, to: Self.lengthByteCount)
        guard partialByteCount >= Self.lengthByteCount else { return .success(offset) }

        let length = Int(partial[be32: 0])
        guard length >= shortestLength, length <= longestLength else {
            guard length <= Self.maximumLength else { return .failure(Violation(length: partial[be32: 0])) }
            drop(length)
            release()
            return .success(offset + skip(bytes.count - offset))
        }
        let end = Self.lengthByteCount + length
        if partial.capacity < end { partial.resize(to: end) }
        offset += complete(bytes, from: offset, to: end)
        if partialByteCount == end {
            partial.withBytes(Self.lengthByteCount..<end, body)
            release()
        }
        return .success(offset)
    }

    /// Copies from `bytes` until the partial frame has `byteCount` bytes; returns how many it took.
    private mutating func complete(_ bytes: Span<UInt8>, from offset: Int, to byteCount: Int) -> Int {
        let taken = max(0, min(byteCount - partialByteCount, bytes.count - offset))
        partial.copy(bytes.extracting(offset..<(offset + taken)), to: partialByteCount)
        partialByteCount += taken
        return taken
    }

    /// Keeps the start of a frame. Room is made for what it announces, and for no more than a frame may have.
    private mutating func keep(_ bytes: Span<UInt8>) {
        let byteCount =
            bytes.count < Self.lengthByteCount ? Self.lengthByteCount : Self.lengthByteCount + Int(bytes.be32(at: 0))
        if partial.capacity < byteCount { partial.resize(to: byteCount) }
        partial.copy(bytes, to: 0)
        partialByteCount = bytes.count
    }

    private mutating func release() {
        partialByteCount = 0
        if partial.capacity > Self.keptCapacity { partial.resize(to: 0) }
    }

    private mutating func drop(_ length: Int) {
        drops.count(length < shortestLength ? .malformed : .oversize)
        skippedByteCount = length
    }

    /// Skips what is left to skip, at most `byteCount` bytes; returns how many.
    private mutating func skip(_ byteCount: Int) -> Int {
        let skipped = min(skippedByteCount, byteCount)
        skippedByteCount -= skipped
        return skipped
    }
}
