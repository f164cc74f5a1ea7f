import CVmnetLinux
import Glibc

/// Many UDP messages in one call, each to a peer of its own. The corresponding C call is `sendmmsg`.
///
/// A message is gathered from ranges of one buffer, and may hold many datagrams of one size (UDP_SEGMENT). Filled, sent,
/// and used again.
@safe package struct DatagramSendBatch: ~Copyable {
    /// Messages in one call.
    package static let capacity = 64
    /// Ranges in one call.
    package static let rangeCapacity = 512
    private static let addressByteCount = MemoryLayout<sockaddr_in6>.size

    /// How a message leaves.
    @usableFromInline
    package struct Options: Sendable {
        /// Payload bytes of each datagram in the message but the last; 0 = the message is one datagram.
        @usableFromInline package var segmentByteCount: UInt16
        /// 0 = the host's.
        @usableFromInline package var hopLimit: UInt8
        @usableFromInline package var typeOfService: UInt8

        @inlinable
        package init(segmentByteCount: UInt16 = 0, hopLimit: UInt8 = 0, typeOfService: UInt8 = 0) {
            self.segmentByteCount = segmentByteCount
            self.hopLimit = hopLimit
            self.typeOfService = typeOfService
        }
    }

    // Safety: allocated here for `capacity` elements (vectors and ranges: `rangeCapacity`), all initialised, freed in
    // deinit. Each header points to the address and the control messages of the same index, and to its vectors; a
    // vector's base is set for the time of one call only.
    private let messages: UnsafeMutablePointer<ovn_message>
    private let vectors: UnsafeMutablePointer<iovec>
    private let ranges: UnsafeMutablePointer<Range<Int>>
    private let addresses: UnsafeMutableRawPointer
    private let controls: UnsafeMutableRawPointer
    package private(set) var count = 0
    private var rangeCount = 0

    package init() {
        let capacity = Self.capacity
        unsafe messages = .allocate(capacity: capacity)
        unsafe vectors = .allocate(capacity: Self.rangeCapacity)
        unsafe ranges = .allocate(capacity: Self.rangeCapacity)
        unsafe addresses = .allocate(byteCount: capacity * Self.addressByteCount, alignment: 8)
        unsafe controls = .allocate(byteCount: capacity * ControlMessages.byteCount, alignment: 8)
        unsafe messages.initialize(repeating: ovn_message(), count: capacity)
        unsafe vectors.initialize(repeating: iovec(), count: Self.rangeCapacity)
        unsafe ranges.initialize(repeating: 0..<0, count: Self.rangeCapacity)
        // Padding between control messages would otherwise be whatever was there.
        unsafe controls.initializeMemory(
            as: UInt8.self, repeating: 0, count: capacity * ControlMessages.byteCount)
    }

    deinit {
        // Safety: allocated in init; the elements need no deinitialisation.
        unsafe messages.deallocate()
        unsafe vectors.deallocate()
        unsafe ranges.deallocate()
        unsafe addresses.deallocate()
        unsafe controls.deallocate()
    }

    package mutating func removeAll() {
        count = 0
        rangeCount = 0
    }

    /// Begins a message of no bytes. Returns whether there was room.
    package mutating func begin(to peer: InternetEndpoint, _ options: Options = Options()) -> Bool {
        guard count < Self.capacity, rangeCount < Self.rangeCapacity else { return false }
        let control = unsafe controls + count * ControlMessages.byteCount
        let address = unsafe addresses + count * Self.addressByteCount
        var used = 0
        // Safety: count is below the capacity, and there are three control messages at most.
        unsafe Self.write(options, isIPv4: peer.isIPv4, to: control, used: &used)
        unsafe messages[count].header = msghdr(
            msg_name: address, msg_namelen: peer.write(to: address), msg_iov: vectors + rangeCount, msg_iovlen: 0,
            msg_control: used > 0 ? control : nil, msg_controllen: used, msg_flags: 0)
        count += 1
        return true
    }

    /// Adds these bytes of the buffer that `send` will be given to the message that was begun last. Returns whether
    /// there was room.
    package mutating func append(_ range: Range<Int>) -> Bool {
        guard count > 0 else { return false }
        // Safety: there is a last message, and rangeCount is checked against the capacity.
        let length = unsafe Int(messages[count - 1].header.msg_iovlen)
        if length > 0, unsafe ranges[rangeCount - 1].upperBound == range.lowerBound {
            unsafe ranges[rangeCount - 1] = ranges[rangeCount - 1].lowerBound..<range.upperBound
            return true
        }
        guard rangeCount < Self.rangeCapacity else { return false }
        unsafe ranges[rangeCount] = range
        unsafe messages[count - 1].header.msg_iovlen = length + 1
        rangeCount += 1
        return true
    }

    /// Sends the messages from number `first` on, in order, until there is no room, without blocking.
    ///
    /// `.moved` says how many were sent, at least one. An error is that of message `first`, or one that the network has
    /// reported about an earlier datagram.
    package mutating func send(_ raw: Int32, from bytes: Span<UInt8>, first: Int = 0) -> Transfer {
        precondition(first >= 0 && first < count)
        // Safety: each range is checked against the bytes, and no pointer is used after the call.
        return unsafe bytes.withUnsafeBytes { bytes in
            let start = bytes.baseAddress
            for index in 0..<rangeCount {
                let range = unsafe ranges[index]
                precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count)
                unsafe vectors[index] = iovec(
                    iov_base: start.map { unsafe UnsafeMutableRawPointer(mutating: $0 + range.lowerBound) },
                    iov_len: range.count)
            }
            return Transfer(
                SystemCall.result {
                    unsafe Int(
                        ovn_sendmmsg(
                            raw, messages + first, UInt32(count - first), Int32(MSG_DONTWAIT | MSG_NOSIGNAL)))
                })
        }
    }

    // Safety: called with room for three control messages.
    @unsafe private static func write(
        _ options: Options, isIPv4: Bool, to control: UnsafeMutableRawPointer, used: inout Int
    ) {
        if options.segmentByteCount > 0 {
            unsafe ControlMessages.append(options.segmentByteCount, SOL_UDP, UDP_SEGMENT, to: control, used: &used)
        }
        if options.hopLimit > 0 {
            let (level, type) =
                isIPv4 ? (Int32(IPPROTO_IP), IP_TTL) : (Int32(IPPROTO_IPV6), IPV6_HOPLIMIT)
            unsafe ControlMessages.append(Int32(options.hopLimit), level, type, to: control, used: &used)
        }
        if options.typeOfService > 0 {
            let (level, type) = isIPv4 ? (Int32(IPPROTO_IP), IP_TOS) : (Int32(IPPROTO_IPV6), IPV6_TCLASS)
            unsafe ControlMessages.append(Int32(options.typeOfService), level, type, to: control, used: &used)
        }
    }
}
