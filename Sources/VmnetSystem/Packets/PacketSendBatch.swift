import CVmnetLinux
import Glibc

/// Many frames for a packet socket in one call, each with a virtio-net header before it, and padded to Ethernet's least
/// length. The corresponding C call is `sendmmsg`.
///
/// Filled with ranges of one buffer, then sent from it; used again and again.
@safe package struct PacketSendBatch: ~Copyable {
    /// Frames in one call.
    package static let capacity = 64
    /// Of the virtio-net header, what the kernel takes of it: all but the number of buffers.
    package static let headerByteCount = 10
    /// IEEE 802.3, 3.2.8: hardware pads by itself, interfaces without hardware do not.
    private static let leastFrameByteCount = 60
    private static let vectorsPerFrame = 3

    // Safety: allocated here for `capacity` elements (vectors: three times as many), all initialised, freed in deinit.
    // Each message points to the three vectors that begin at three times its index. Of these the bases of the first two
    // are set for the time of one call only; the third points to `padding`, which is zeros.
    private let messages: UnsafeMutablePointer<ovn_message>
    private let vectors: UnsafeMutablePointer<iovec>
    private let ranges: UnsafeMutablePointer<(header: Int, frame: Range<Int>)>
    private let padding: UnsafeMutableRawPointer
    package private(set) var count = 0

    package init() {
        let capacity = Self.capacity
        unsafe messages = .allocate(capacity: capacity)
        unsafe vectors = .allocate(capacity: Self.vectorsPerFrame * capacity)
        unsafe ranges = .allocate(capacity: capacity)
        unsafe padding = .allocate(byteCount: Self.leastFrameByteCount, alignment: 8)
        unsafe messages.initialize(repeating: ovn_message(), count: capacity)
        unsafe vectors.initialize(
            repeating: iovec(iov_base: padding, iov_len: 0), count: Self.vectorsPerFrame * capacity)
        unsafe ranges.initialize(repeating: (0, 0..<0), count: capacity)
        unsafe padding.initializeMemory(as: UInt8.self, repeating: 0, count: Self.leastFrameByteCount)
        for index in 0..<capacity {
            unsafe messages[index].header.msg_iov = vectors + Self.vectorsPerFrame * index
            unsafe messages[index].header.msg_iovlen = Self.vectorsPerFrame
        }
    }

    deinit {
        // Safety: allocated in init; the elements need no deinitialisation.
        unsafe messages.deallocate()
        unsafe vectors.deallocate()
        unsafe ranges.deallocate()
        unsafe padding.deallocate()
    }

    package mutating func removeAll() {
        count = 0
    }

    /// Adds a frame of the buffer that `send` will be given, whose header begins at `header`. Returns whether there was
    /// room.
    package mutating func append(header: Int, frame: Range<Int>) -> Bool {
        guard count < Self.capacity else { return false }
        // Safety: count is below the capacity.
        unsafe ranges[count] = (header, frame)
        count += 1
        return true
    }

    /// Where frame `index` ends in the buffer.
    package func end(of index: Int) -> Int {
        precondition(index >= 0 && index < count)
        // Safety: the index is checked.
        return unsafe ranges[index].frame.upperBound
    }

    /// Sends the frames from number `first` on, in order, until there is no room, without blocking.
    ///
    /// `.moved` says how many were sent, at least one. An error is that of frame `first`.
    package mutating func send(_ raw: Int32, from bytes: Span<UInt8>, first: Int) -> Transfer {
        precondition(first >= 0 && first < count)
        // Safety: each range is checked against the bytes, and no pointer is used after the call.
        return unsafe bytes.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return .moved(0) }
            let start = unsafe UnsafeMutableRawPointer(mutating: base)
            for index in first..<count {
                let (header, frame) = unsafe ranges[index]
                precondition(header >= 0 && header <= frame.lowerBound - Self.headerByteCount)
                precondition(frame.upperBound <= bytes.count)
                let vectors = unsafe self.vectors + Self.vectorsPerFrame * index
                unsafe vectors[0] = iovec(iov_base: start + header, iov_len: Self.headerByteCount)
                unsafe vectors[1] = iovec(iov_base: start + frame.lowerBound, iov_len: frame.count)
                unsafe vectors[2].iov_len = max(0, Self.leastFrameByteCount - frame.count)
            }
            return Transfer(
                SystemCall.result {
                    unsafe Int(ovn_sendmmsg(raw, messages + first, UInt32(count - first), Int32(MSG_DONTWAIT)))
                })
        }
    }
}
