import CLinux
import Glibc

/// What a guest's driver does before the guest's TCP sees its frames ("generic receive offload"): segments of a
/// connection that come in a row become one. A TAP hands on each that is written by itself, which costs the guest a
/// multiple.
///
/// It joins as Linux does: full-sized segments with equal headers, whose checksums it has verified.
package struct ReceiveOffload {
    /// Of `struct virtio_net_hdr` in <linux/virtio_net.h>, which goes before each frame.
    static let virtioByteCount = 10
    private static let longestPayload = 65_535 - GuestSegment.longestHeaders
    /// As many as the kernel's driver takes in one go.
    private static let mostSegments = 64

    private let tap: Int32
    /// Segments of one connection, in order.
    private var run: [GuestSegment] = []
    private var payloadCount = 0
    /// The virtio header, and those of the first segment.
    private var head = [UInt8](repeating: 0, count: ReceiveOffload.virtioByteCount + GuestSegment.longestHeaders)

    /// - Parameter tap: takes a virtio header before each frame.
    package init(tap: Int32) {
        self.tap = tap
    }

    /// Takes the next frame of a batch, which stays as it is until `flush`.
    package mutating func take(_ frame: Range<Int>, of batch: Span<UInt8>) {
        guard let segment = GuestSegment(frame, of: batch) else {
            flush(batch)
            return write(frame, of: batch)
        }
        if let first = run.first {
            let isFull =
                run.count == Self.mostSegments || payloadCount + segment.payload.count > Self.longestPayload
            if isFull || !segment.continues(first, payloadCount: payloadCount, in: batch) { flush(batch) }
        }
        run.append(segment)
        payloadCount += segment.payload.count
        // Behind a push or a short segment nothing is to be expected.
        if segment.isPushed || segment.payload.count < run[0].payload.count { flush(batch) }
    }

    /// Hands on what is held: at the end of each batch.
    package mutating func flush(_ batch: Span<UInt8>) {
        guard let first = run.first else { return }
        if run.count == 1 { write(first.frame, of: batch) } else { writeRun(first, of: batch) }
        run.removeAll(keepingCapacity: true)
        payloadCount = 0
    }

    /// A frame as it came.
    private mutating func write(_ frame: Range<Int>, of batch: Span<UInt8>) {
        for offset in 0..<Self.virtioByteCount { head[offset] = 0 }
        write(headCount: Self.virtioByteCount, CollectionOfOne(frame), of: batch)
    }

    /// What is held as one frame, which the guest's kernel could cut into the same segments again.
    private mutating func writeRun(_ first: GuestSegment, of batch: Span<UInt8>) {
        let start = Self.virtioByteCount
        for offset in first.headers.indices { head[start + offset - first.headers.lowerBound] = batch[offset] }
        let isPushed = run.last?.isPushed ?? false
        if isPushed { head[start + GuestSegment.flagsOffset] |= GuestSegment.push }
        let byteCount = first.headerCount + payloadCount
        set(byteCount - GuestSegment.network, at: start + GuestSegment.totalLengthOffset)
        set(0, at: start + GuestSegment.headerChecksumOffset)
        let header = GuestSegment.sum(
            head.span.extracting(start + GuestSegment.network..<start + GuestSegment.transport))
        set(Int(~GuestSegment.fold(header) & 0xffff), at: start + GuestSegment.headerChecksumOffset)
        let pseudoHeader = GuestSegment.pseudoHeaderSum(
            head.span.extracting(start..<start + GuestSegment.transport), byteCount - GuestSegment.transport)
        set(Int(GuestSegment.fold(pseudoHeader)), at: start + GuestSegment.checksumOffset)

        // VIRTIO_NET_HDR_F_NEEDS_CSUM, VIRTIO_NET_HDR_GSO_TCPV4, and numbers in the machine's order.
        (head[0], head[1]) = (1, 1)
        set(first.headerCount, at: 2, isSwapped: true)
        set(first.payload.count, at: 4, isSwapped: true)
        set(GuestSegment.transport, at: 6, isSwapped: true)
        set(GuestSegment.checksumOffset - GuestSegment.transport, at: 8, isSwapped: true)
        write(headCount: start + first.headerCount, run.lazy.map(\.payload), of: batch)
    }

    /// Puts a 16-bit number into the head: big-endian, or little-endian.
    private mutating func set(_ number: Int, at offset: Int, isSwapped: Bool = false) {
        head[offset + (isSwapped ? 1 : 0)] = UInt8(truncatingIfNeeded: number >> 8)
        head[offset + (isSwapped ? 0 : 1)] = UInt8(truncatingIfNeeded: number)
    }

    /// One that the interface refuses is lost, as on a wire.
    private func write(headCount: Int, _ parts: some Collection<Range<Int>>, of batch: Span<UInt8>) {
        // Safety: the kernel reads within the head and the batch, during the call.
        unsafe withUnsafeTemporaryAllocation(of: iovec.self, capacity: 1 + parts.count) { pieces in
            unsafe head.withUnsafeBytes { head in
                unsafe batch.withUnsafeBytes { batch in
                    unsafe pieces.initializeElement(at: 0, to: Self.piece(head.prefix(headCount)))
                    for (index, part) in parts.enumerated() {
                        unsafe pieces.initializeElement(at: 1 + index, to: Self.piece(batch[part]))
                    }
                    _ = unsafe writev(tap, pieces.baseAddress, Int32(pieces.count))
                }
            }
        }
    }

    @unsafe private static func piece(_ octets: Slice<UnsafeRawBufferPointer>) -> iovec {
        let octets = unsafe UnsafeRawBufferPointer(rebasing: octets)
        return unsafe iovec(iov_base: UnsafeMutableRawPointer(mutating: octets.baseAddress), iov_len: octets.count)
    }
}
