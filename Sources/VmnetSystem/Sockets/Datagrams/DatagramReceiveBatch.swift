import CVmnetLinux
import Glibc

/// Room for one batch of UDP messages, each with space before it for the headers of a frame. The corresponding C call
/// is `recvmmsg`.
///
/// ```
/// slot   |<- headroom ->|<- payload, up to 65535 bytes ->|
/// ```
///
/// Its memory is large, but only what has ever been filled is resident. One is enough for all sockets that are read one
/// after the other: what was received is there until the next `receive`.
@safe package struct DatagramReceiveBatch: ~Copyable {
    /// Messages in one call.
    package static let capacity = 32
    /// Bytes before each payload: Ethernet, IPv6 and UDP headers, rounded up.
    package static let headroom = 64
    /// The largest payload, of one datagram or of many joined.
    package static let payloadCapacity = 65535
    /// Not a power of two: the first bytes of all slots would otherwise compete for the same cache lines.
    private static let slotByteCount = 65536 + headroom + 192
    private static let addressByteCount = MemoryLayout<sockaddr_in6>.size

    /// What is known of a received message besides its bytes.
    package struct Message: Sendable {
        /// nil when the kernel does not say: of an address family that the socket has not.
        package let source: InternetEndpoint?
        /// Payload bytes.
        package let byteCount: Int
        /// Payload bytes of each datagram in the message but the last; as many as there are for a message of one.
        package let segmentByteCount: Int
        package let typeOfService: UInt8
        /// Bytes were lost for want of room.
        package let isTruncated: Bool
    }

    // Safety: allocated here, freed in deinit: `capacity` slots of `slotByteCount` bytes, and as many headers, vectors,
    // addresses and control buffers, all initialised. Each header points to those of the same index, each vector to
    // its slot's payload. The slots hold whatever was received last: bytes, which need no initialisation to be read.
    private let slots: UnsafeMutableRawPointer
    private let messages: UnsafeMutablePointer<ovn_message>
    private let vectors: UnsafeMutablePointer<iovec>
    private let addresses: UnsafeMutableRawPointer
    private let controls: UnsafeMutableRawPointer

    package init() {
        let capacity = Self.capacity
        unsafe slots = .allocate(byteCount: capacity * Self.slotByteCount, alignment: 4096)
        unsafe messages = .allocate(capacity: capacity)
        unsafe vectors = .allocate(capacity: capacity)
        unsafe addresses = .allocate(byteCount: capacity * Self.addressByteCount, alignment: 8)
        unsafe controls = .allocate(byteCount: capacity * ControlMessages.byteCount, alignment: 8)
        unsafe messages.initialize(repeating: ovn_message(), count: capacity)
        unsafe vectors.initialize(repeating: iovec(), count: capacity)
        for index in 0..<capacity {
            unsafe vectors[index] = iovec(
                iov_base: slots + index * Self.slotByteCount + Self.headroom, iov_len: Self.payloadCapacity)
            unsafe messages[index].header.msg_iov = vectors + index
            unsafe messages[index].header.msg_iovlen = 1
            unsafe messages[index].header.msg_name = addresses + index * Self.addressByteCount
            unsafe messages[index].header.msg_control = controls + index * ControlMessages.byteCount
        }
    }

    deinit {
        // Safety: allocated in init; the elements need no deinitialisation.
        unsafe slots.deallocate()
        unsafe messages.deallocate()
        unsafe vectors.deallocate()
        unsafe addresses.deallocate()
        unsafe controls.deallocate()
    }

    /// Receives up to `limit` messages that are there, without blocking. `.moved` says how many.
    ///
    /// An error may be one that the network has reported about a datagram sent; the socket goes on.
    package func receive(_ raw: Int32, limit: Int) -> Transfer {
        let limit = min(max(limit, 0), Self.capacity)
        for index in 0..<limit {
            unsafe messages[index].header.msg_namelen = socklen_t(Self.addressByteCount)
            unsafe messages[index].header.msg_controllen = ControlMessages.byteCount
        }
        // Safety: the kernel fills at most the slots, headers, addresses and buffers that init has laid out.
        return Transfer(
            SystemCall.result {
                unsafe Int(ovn_recvmmsg(raw, messages, UInt32(limit), Int32(MSG_DONTWAIT)))
            })
    }

    /// What came as message `index` of the last `receive`.
    package func message(_ index: Int) -> Message {
        precondition(index >= 0 && index < Self.capacity)
        // Safety: the index is checked; the kernel has written the lengths.
        let header = unsafe messages + index
        let byteCount = unsafe min(Int(header.pointee.byte_count), Self.payloadCapacity)
        var segmentByteCount = byteCount
        var typeOfService: UInt8 = 0
        unsafe header.withMemoryRebound(to: msghdr.self, capacity: 1) { header in
            unsafe ControlMessages.forEach(in: header) { level, type, data in
                guard let value = unsafe data.first else { return }
                switch (level, type) {
                case (SOL_UDP, UDP_GRO) where data.count >= 4:
                    let size = unsafe Int(data.loadUnaligned(as: Int32.self))
                    if size > 0 { segmentByteCount = min(size, byteCount) }
                // A byte, or an integer whose value is in its lowest byte.
                case (Int32(IPPROTO_IP), IP_TOS), (Int32(IPPROTO_IPV6), IPV6_TCLASS): typeOfService = value
                default: break
                }
            }
        }
        return unsafe Message(
            source: InternetEndpoint(
                addresses + index * Self.addressByteCount, byteCount: Int(header.pointee.header.msg_namelen)),
            byteCount: byteCount, segmentByteCount: segmentByteCount, typeOfService: typeOfService,
            isTruncated: header.pointee.header.msg_flags & Int32(MSG_TRUNC) != 0)
    }

    /// Copies the payload of message `index` behind the first `byteCount` bytes of that of message `target`, with which
    /// it makes no more than `payloadCapacity`.
    package func append(_ index: Int, byteCount: Int, to target: Int, at offset: Int) {
        precondition(index >= 0 && index < Self.capacity && target >= 0 && target < index)
        precondition(byteCount >= 0 && offset >= 0 && offset <= Self.payloadCapacity - byteCount)
        // Safety: both ranges are checked to lie in their slots, which are different ones.
        unsafe (payload(target) + offset).copyMemory(from: payload(index), byteCount: byteCount)
    }

    /// Writes a header of `headerByteCount` bytes right before `range` of the payload of message `index`, over what was
    /// there, and lends both as one frame.
    package func withFrame<R>(
        _ index: Int, _ range: Range<Int>, headerByteCount: Int, header: (inout OutputSpan<UInt8>) -> Void,
        _ body: (Span<UInt8>) -> R
    ) -> R {
        precondition(index >= 0 && index < Self.capacity && headerByteCount >= 0 && headerByteCount <= Self.headroom)
        precondition(range.lowerBound >= 0 && range.upperBound <= Self.payloadCapacity)
        let byteCount = headerByteCount + range.count
        // Safety: header and range are checked to lie in the slot; the bytes are there whatever `header` writes.
        let start = unsafe (payload(index) + range.lowerBound - headerByteCount).assumingMemoryBound(to: UInt8.self)
        let room = unsafe UnsafeMutableBufferPointer(start: start, count: headerByteCount)
        var output = unsafe OutputSpan(buffer: room, initializedCount: 0)
        header(&output)
        _ = unsafe output.finalize(for: room)
        return unsafe body(Span(_unsafeStart: start, count: byteCount))
    }

    private func payload(_ index: Int) -> UnsafeMutableRawPointer {
        unsafe slots + index * Self.slotByteCount + Self.headroom
    }
}
