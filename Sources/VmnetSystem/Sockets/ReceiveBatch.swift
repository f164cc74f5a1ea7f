import CVmnetLinux
import Glibc

/// Room for one batch of what comes in: many messages, or one long read. The corresponding C calls are `recvmmsg` and
/// `read`.
///
/// Its memory is large, but only what has ever been filled is resident. One is enough for all descriptors that are
/// read one after the other: what was received is there until the next `receive` or `read` to the same place.
@safe package struct ReceiveBatch: ~Copyable {
    /// Messages in one call.
    package static let capacity = 64

    /// The longest message; a longer one is truncated, and says so.
    package let slotByteCount: Int

    // Safety: allocated here, freed in deinit: `capacity` slots of `slotByteCount` bytes, and as many headers, vectors
    // and addresses, all initialised. Each header points to the vector and the address of the same index, each vector
    // to its slot. The slots hold whatever was received last: bytes, which need no initialisation to be read.
    private let slots: UnsafeMutableRawPointer
    private let messages: UnsafeMutablePointer<ovn_message>
    private let vectors: UnsafeMutablePointer<iovec>
    private let addresses: UnsafeMutablePointer<sockaddr_un>

    package init(slotByteCount: Int) {
        precondition(slotByteCount > 0)
        self.slotByteCount = slotByteCount
        let capacity = Self.capacity
        unsafe slots = .allocate(byteCount: capacity * slotByteCount, alignment: 4096)
        unsafe messages = .allocate(capacity: capacity)
        unsafe vectors = .allocate(capacity: capacity)
        unsafe addresses = .allocate(capacity: capacity)
        unsafe messages.initialize(repeating: ovn_message(), count: capacity)
        unsafe vectors.initialize(repeating: iovec(), count: capacity)
        unsafe addresses.initialize(repeating: sockaddr_un(), count: capacity)
        for index in 0..<capacity {
            unsafe vectors[index] = iovec(iov_base: slots + index * slotByteCount, iov_len: slotByteCount)
            unsafe messages[index].header.msg_iov = vectors + index
            unsafe messages[index].header.msg_iovlen = 1
        }
    }

    deinit {
        // Safety: allocated in init; the elements need no deinitialisation.
        unsafe slots.deallocate()
        unsafe messages.deallocate()
        unsafe vectors.deallocate()
        unsafe addresses.deallocate()
    }

    /// Receives the messages that are there, without blocking. `.moved` says how many.
    package func receive(_ raw: Int32, withAddresses: Bool = false) -> Transfer {
        for index in 0..<Self.capacity {
            unsafe messages[index].header.msg_name = withAddresses ? UnsafeMutableRawPointer(addresses + index) : nil
            unsafe messages[index].header.msg_namelen = withAddresses ? socklen_t(MemoryLayout<sockaddr_un>.size) : 0
        }
        // Safety: the kernel fills at most the slots, headers and addresses that init has laid out.
        return Transfer(
            SystemCall.result {
                unsafe Int(ovn_recvmmsg(raw, messages, UInt32(Self.capacity), Int32(MSG_DONTWAIT)))
            })
    }

    /// Lends the first `count` messages to `body`, one after the other: the number of the message, its bytes, and
    /// whether they are only the start of it.
    package func forEachMessage(_ count: Int, _ body: (Int, Span<UInt8>, Bool) -> Void) {
        precondition(count >= 0 && count <= Self.capacity)
        for index in 0..<count {
            // Safety: the index is checked, and a slot has `slotByteCount` bytes.
            let byteCount = unsafe min(Int(messages[index].byte_count), slotByteCount)
            let isTruncated = unsafe messages[index].header.msg_flags & Int32(MSG_TRUNC) != 0
            unsafe body(index, Span(_unsafeStart: slots + index * slotByteCount, byteCount: byteCount), isTruncated)
        }
    }

    /// Whether none of the first `count` messages has any bytes.
    package func isNothing(_ count: Int) -> Bool {
        precondition(count >= 0 && count <= Self.capacity)
        // Safety: the indices are checked.
        return (0..<count).allSatisfy { unsafe messages[$0].byte_count == 0 }
    }

    /// Who sent message `index`, if it was received with addresses; nil when the sender has no name.
    package func address(_ index: Int) -> UnixAddress? {
        precondition(index >= 0 && index < Self.capacity)
        // Safety: the index is checked; the kernel has written the address's length.
        return unsafe UnixAddress(addresses[index], byteCount: Int(messages[index].header.msg_namelen))
    }

    /// Whether message `index` came from `address`.
    package func isFrom(_ address: UnixAddress, _ index: Int) -> Bool {
        precondition(index >= 0 && index < Self.capacity)
        // Safety: the index is checked; the kernel has written the address's length.
        return unsafe address.matches(addresses[index], byteCount: Int(messages[index].header.msg_namelen))
    }

    /// Reads one long run of bytes over all slots from `offset` on, at most `byteCount`.
    package func read(_ raw: Int32, byteCount: Int, at offset: Int = 0) -> Transfer {
        precondition(offset >= 0 && offset <= Self.capacity * slotByteCount)
        let room = min(byteCount, Self.capacity * slotByteCount - offset)
        // Safety: the slots are one allocation of `capacity * slotByteCount` bytes.
        return Transfer(SystemCall.result { unsafe Glibc.read(raw, slots + offset, room) })
    }

    /// Receives one long run of bytes of a stream over all slots, at most `byteCount`, without blocking: whoever shares the
    /// socket may have made it a blocking one.
    package func receiveStream(_ raw: Int32, byteCount: Int) -> Transfer {
        let room = min(byteCount, Self.capacity * slotByteCount)
        // Safety: the slots are one allocation of `capacity * slotByteCount` bytes.
        return Transfer(SystemCall.result { unsafe recv(raw, slots, room, Int32(MSG_DONTWAIT)) })
    }

    /// Lends the first `count` bytes of what `read` has read.
    package func withBytes<R>(_ count: Int, _ body: (Span<UInt8>) -> R) -> R {
        withBytes(0..<count, body)
    }

    /// Lends bytes of all slots as one run.
    package func withBytes<R>(_ range: Range<Int>, _ body: (Span<UInt8>) -> R) -> R {
        check(range)
        // Safety: checked.
        let start = unsafe (slots + range.lowerBound).assumingMemoryBound(to: UInt8.self)
        return unsafe body(Span(_unsafeStart: start, count: range.count))
    }

    /// Lends bytes of all slots as one run, for changing them.
    package func withMutableBytes<R>(_ range: Range<Int>, _ body: (inout MutableSpan<UInt8>) -> R) -> R {
        check(range)
        // Safety: checked; nobody else uses the bytes during the call.
        let start = unsafe (slots + range.lowerBound).assumingMemoryBound(to: UInt8.self)
        var span = unsafe MutableSpan(_unsafeStart: start, count: range.count)
        return body(&span)
    }

    /// Copies bytes to another place in the slots; the ranges may overlap.
    package func copy(_ range: Range<Int>, to offset: Int) {
        check(range)
        check(offset..<(offset + range.count))
        // Safety: both ranges are checked.
        unsafe _ = memmove(slots + offset, slots + range.lowerBound, range.count)
    }

    private func check(_ range: Range<Int>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= Self.capacity * slotByteCount)
    }
}
