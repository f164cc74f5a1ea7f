import CVmnetLinux
import Glibc

/// Many messages in one call. The corresponding C call is `sendmmsg`.
///
/// Filled with ranges of one buffer, then sent from it; used again and again.
@safe package struct SendBatch: ~Copyable {
    /// Messages in one call.
    package static let capacity = 64

    // Safety: allocated here for `capacity` elements, all initialised, freed in deinit. Each header points to the
    // vector of the same index; a vector's base is set for the time of one call only.
    private let messages: UnsafeMutablePointer<ovn_message>
    private let vectors: UnsafeMutablePointer<iovec>
    private let ranges: UnsafeMutablePointer<Range<Int>>
    package private(set) var count = 0

    package init() {
        let capacity = Self.capacity
        unsafe messages = .allocate(capacity: capacity)
        unsafe vectors = .allocate(capacity: capacity)
        unsafe ranges = .allocate(capacity: capacity)
        unsafe messages.initialize(repeating: ovn_message(), count: capacity)
        unsafe vectors.initialize(repeating: iovec(), count: capacity)
        unsafe ranges.initialize(repeating: 0..<0, count: capacity)
        for index in 0..<capacity {
            unsafe messages[index].header.msg_iov = vectors + index
            unsafe messages[index].header.msg_iovlen = 1
        }
    }

    deinit {
        // Safety: allocated in init; the elements need no deinitialisation.
        unsafe messages.deallocate()
        unsafe vectors.deallocate()
        unsafe ranges.deallocate()
    }

    package mutating func removeAll() {
        count = 0
    }

    /// Adds a message: these bytes of the buffer that `send` will be given. Returns whether there was room.
    package mutating func append(_ range: Range<Int>) -> Bool {
        guard count < Self.capacity else { return false }
        // Safety: count is below the capacity.
        unsafe ranges[count] = range
        count += 1
        return true
    }

    /// How far the first `count` messages reach into the buffer, when they were added in its order.
    package func byteCount(ofFirst count: Int) -> Int {
        guard count > 0, count <= self.count else { return 0 }
        // Safety: count is within what was added.
        return unsafe ranges[count - 1].upperBound
    }

    /// Sends the messages in order, until there is no room, without blocking; never raises SIGPIPE.
    ///
    /// `.moved` says how many were sent, at least one. An error is that of the first message.
    ///
    /// - Parameter destination: where an unconnected socket sends them; nil: to the socket's peer.
    package mutating func send(
        _ raw: Int32, from bytes: Span<UInt8>, to destination: UnixAddress? = nil
    ) -> Transfer {
        guard let destination else { return transfer(raw, from: bytes) }
        // Safety: the address lives for the call; the headers forget it before it goes.
        return unsafe destination.withSocketAddress { address, byteCount in
            unsafe setDestination(UnsafeMutableRawPointer(mutating: address), byteCount)
            defer { unsafe setDestination(nil, 0) }
            return transfer(raw, from: bytes)
        }
    }

    private func setDestination(_ address: UnsafeMutableRawPointer?, _ byteCount: socklen_t) {
        // Safety: `count` is at most the capacity.
        for index in 0..<count {
            unsafe messages[index].header.msg_name = address
            unsafe messages[index].header.msg_namelen = byteCount
        }
    }

    private func transfer(_ raw: Int32, from bytes: Span<UInt8>) -> Transfer {
        // Safety: each range is checked against the bytes, and no pointer is used after the call.
        unsafe bytes.withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress else { return .moved(0) }
            for index in 0..<count {
                let range = unsafe ranges[index]
                precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count)
                unsafe vectors[index] = iovec(
                    iov_base: UnsafeMutableRawPointer(mutating: start + range.lowerBound), iov_len: range.count)
            }
            return Transfer(
                SystemCall.result {
                    unsafe Int(ovn_sendmmsg(raw, messages, UInt32(count), Int32(MSG_DONTWAIT | MSG_NOSIGNAL)))
                })
        }
    }
}
