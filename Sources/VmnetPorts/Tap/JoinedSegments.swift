package import VmnetWire

/// TCP segments of one connection that follow one another, joined in one super-frame for a TAP.
///
/// libslirp makes four segments of a window. Each would be a system call, a walk through the guest's kernel and an
/// acknowledgement of its own; what travels as one super-frame is one of each. Where one segment ended does not matter
/// to anybody: the guest's kernel cuts, if at all, by its own segment size.
///
/// ```
///  0                12                              12 + byteCount
/// +----------------+---------------------+---------+---------+----
/// | virtio header  | headers             | payload | payload | ...
/// +----------------+---------------------+---------+---------+----
/// ```
package struct JoinedSegments: ~Copyable {
    private static let start = VirtioNetHeader.byteCount
    private static let capacity = start + Frame.maximumByteCount
    /// Half of the window that libslirp has at most: the guest works on one half while the other is made. With frames of a
    /// whole window each side waits for the other, and the stream is slower than with segments that are not joined.
    private static let mostPayload = 32768
    /// Others end a run: they are about more than the data that they come with.
    private static let joinable: TCPHeader.Flags = [.ack, .psh]

    private var storage = ByteStorage()
    private var headers: SuperFrameHeaders?
    private var offload = OffloadDescriptor.none
    /// Of the frame.
    private var byteCount = 0
    /// The sequence number after the last byte.
    private var end: UInt32 = 0

    package init() {}

    package var isEmpty: Bool { byteCount == 0 }

    /// Begins with a super-frame, whose checksum is whole. Nothing may be in it.
    package mutating func begin(_ frame: Span<UInt8>, _ headers: SuperFrameHeaders, _ offload: OffloadDescriptor) {
        precondition(isEmpty)
        if storage.capacity == 0 { storage.resize(to: Self.capacity) }
        storage.copy(frame, to: Self.start)
        self.headers = headers
        self.offload = offload
        byteCount = frame.count
        end = frame.be32(at: headers.transportOffset + 4) &+ UInt32(frame.count - headers.headerByteCount)
    }

    /// Joins a frame on, if it goes on where the last one ended and differs in nothing but that. Returns whether it did.
    package mutating func join(_ frame: Span<UInt8>) -> Bool {
        guard let headers, let others = try? SuperFrameHeaders(parsing: frame, offload),
            others.transportOffset == headers.transportOffset, others.headerByteCount == headers.headerByteCount,
            frame.count > headers.headerByteCount,
            byteCount + frame.count - 2 * headers.headerByteCount <= Self.mostPayload
        else { return false }
        let transport = headers.transportOffset
        guard frame.be32(at: transport + 4) == end, isJoinable(frame[transport + 13]),
            storage.withBytes(
                Self.start..<(Self.start + headers.headerByteCount),
                { first in
                    isJoinable(first[transport + 13]) && headers.areAlike(first, frame)
                })
        else { return false }
        let payload = frame.extracting(droppingFirst: headers.headerByteCount)
        storage.copy(payload, to: Self.start + byteCount)
        byteCount += payload.count
        end &+= UInt32(truncatingIfNeeded: payload.count)
        // Of acknowledgement and window the newest count, and what was to be pushed still is.
        let flags = Self.start + transport + 13
        let pushed = storage.withBytes(flags..<(flags + 1)) { $0[0] }
        storage.copy(frame.extracting((transport + 8)..<(transport + 16)), to: Self.start + transport + 8)
        storage.withMutableBytes(flags..<(flags + 1)) { $0[0] |= pushed }
        return true
    }

    /// Lends what is joined, as the kernel takes it: header and frame; and empties it.
    package mutating func take<R>(_ body: (Span<UInt8>, OffloadDescriptor) -> R) -> R? {
        guard let headers else { return nil }
        let count = byteCount
        let partial = storage.withMutableBytes(Self.start..<(Self.start + count)) { frame in
            headers.setLength(in: &frame)
            return headers.makeChecksumPartial(in: &frame, byteCount: count)
        }
        storage.write(Self.start, at: 0) { VirtioNetHeader(offload: partial).write(to: &$0) }
        self.headers = nil
        byteCount = 0
        return storage.withBytes(0..<(Self.start + count)) { body($0, partial) }
    }

    private func isJoinable(_ flags: UInt8) -> Bool {
        TCPHeader.Flags(rawValue: flags).isSubset(of: Self.joinable)
    }
}
