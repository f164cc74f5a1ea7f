import CLinux
import Glibc

/// Room for datagrams that are sent or received with one call, each beginning with its flow and its number.
///
/// ```
///  0                8                16            1400
/// +----------------+----------------+-------------+
/// | flow           | number         | nothing     |
/// +----------------+----------------+-------------+
/// ```
@safe struct DatagramBatch: ~Copyable {
    static let capacity = 32
    static let datagramByteCount = 1400
    private static let slotByteCount = 2048

    // Safety: allocated here for `capacity` elements, all initialised, and freed in deinit. Each header points to the vector
    // and the address of its index, each vector to its slot.
    private let messages: UnsafeMutablePointer<ovb_message>
    private let vectors: UnsafeMutablePointer<iovec>
    private let addresses: UnsafeMutablePointer<sockaddr_in>
    private let slots: UnsafeMutableRawPointer

    /// - Parameter byteCount: of each datagram to be sent; room for one to be received.
    init(byteCount: Int = datagramByteCount, keepsSenders: Bool = false) {
        let capacity = Self.capacity
        unsafe messages = .allocate(capacity: capacity)
        unsafe vectors = .allocate(capacity: capacity)
        unsafe addresses = .allocate(capacity: capacity)
        unsafe slots = .allocate(byteCount: capacity * Self.slotByteCount, alignment: 64)
        unsafe messages.initialize(repeating: ovb_message(), count: capacity)
        unsafe vectors.initialize(repeating: iovec(), count: capacity)
        unsafe addresses.initialize(repeating: sockaddr_in(), count: capacity)
        unsafe slots.initializeMemory(as: UInt8.self, repeating: 0, count: capacity * Self.slotByteCount)
        for index in 0..<capacity {
            unsafe vectors[index] = iovec(
                iov_base: slots + index * Self.slotByteCount, iov_len: min(byteCount, Self.slotByteCount))
            unsafe messages[index].header.msg_iov = vectors + index
            unsafe messages[index].header.msg_iovlen = 1
            if keepsSenders { unsafe messages[index].header.msg_name = UnsafeMutableRawPointer(addresses + index) }
        }
    }

    deinit {
        // Safety: allocated in init; the elements need no deinitialisation.
        unsafe messages.deallocate()
        unsafe vectors.deallocate()
        unsafe addresses.deallocate()
        unsafe slots.deallocate()
    }

    /// Sends datagrams from number `number` on. Returns how many; -1 for a failure.
    mutating func send(on socket: IPSocket, flow: UInt64, from number: UInt64) -> Int {
        for index in 0..<Self.capacity {
            // Safety: a slot has room for both.
            unsafe (slots + index * Self.slotByteCount).storeBytes(of: flow, as: UInt64.self)
            unsafe (slots + index * Self.slotByteCount + 8).storeBytes(of: number &+ UInt64(index), as: UInt64.self)
        }
        // Safety: the kernel reads what init has laid out.
        return unsafe Int(ovb_sendmmsg(socket.descriptor, messages, UInt32(Self.capacity), Int32(MSG_NOSIGNAL)))
    }

    /// Receives what is there, at least one datagram. Returns how many; -1 for a failure.
    mutating func receive(on socket: IPSocket) -> Int {
        for index in 0..<Self.capacity {
            unsafe messages[index].header.msg_namelen =
                messages[index].header.msg_name == nil ? 0 : socklen_t(MemoryLayout<sockaddr_in>.size)
        }
        // Safety: the kernel fills at most what init has laid out.
        return unsafe Int(
            ovb_recvmmsg(socket.descriptor, messages, UInt32(Self.capacity), Int32(MSG_WAITFORONE)))
    }

    /// What datagram `index` of the last `receive` says; nil when it is too short to say it.
    func label(_ index: Int) -> (flow: UInt64, number: UInt64)? {
        precondition(index >= 0 && index < Self.capacity)
        // Safety: the index is checked, and a slot has room for both.
        guard unsafe messages[index].byte_count >= 16 else { return nil }
        let slot = unsafe slots + index * Self.slotByteCount
        return unsafe (slot.load(as: UInt64.self), slot.load(fromByteOffset: 8, as: UInt64.self))
    }

    /// Who sent datagram `index` of the last `receive`: address and port, as one number.
    func sender(_ index: Int) -> UInt64 {
        precondition(index >= 0 && index < Self.capacity)
        // Safety: the index is checked.
        return unsafe UInt64(addresses[index].sin_addr.s_addr) << 16 | UInt64(addresses[index].sin_port)
    }
}
