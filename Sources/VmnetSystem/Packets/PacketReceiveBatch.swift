import CVmnetLinux
import Glibc

/// Room for one batch of frames from a packet socket, which it gives back their VLAN tags. The corresponding C call is
/// `recvmmsg`.
///
/// ```
/// slot   |<- headroom ->|<- frame ->|
/// ```
///
/// Its memory is large, but only what has ever been filled is resident.
@safe package struct PacketReceiveBatch: ~Copyable {
    /// Frames in one call.
    package static let capacity = 32
    /// Of the virtio-net header that stands before each frame, 12 bytes, of which the kernel fills in 10.
    package static let headerByteCount = 12
    private static let receivedHeaderByteCount = 10
    /// The longest frame, tags not counted: an IP packet of 65535 bytes, and what may stand before it.
    private static let frameCapacity = 65535 + 65
    private static let headroom = 64
    private static let tagByteCount = 4
    private static let addressesByteCount = 12
    /// Not a power of two: the first bytes of all slots would otherwise compete for the same cache lines.
    private static let slotByteCount = headroom + frameCapacity + 128
    private static let controlByteCount = 64

    // Safety: allocated here, freed in deinit: `capacity` slots, headers and control buffers of the sizes above, as many
    // messages, and twice as many vectors, all initialised. Each message points to those of the same index, its first
    // vector to its header, its second to its slot behind the headroom. A slot holds whatever was received last: bytes,
    // which need no initialisation to be read.
    private let slots: UnsafeMutableRawPointer
    private let headers: UnsafeMutableRawPointer
    private let controls: UnsafeMutableRawPointer
    private let messages: UnsafeMutablePointer<ovn_message>
    private let vectors: UnsafeMutablePointer<iovec>

    package init() {
        let capacity = Self.capacity
        unsafe slots = .allocate(byteCount: capacity * Self.slotByteCount, alignment: 4096)
        unsafe headers = .allocate(byteCount: capacity * Self.headerByteCount, alignment: 8)
        unsafe controls = .allocate(byteCount: capacity * Self.controlByteCount, alignment: 8)
        unsafe messages = .allocate(capacity: capacity)
        unsafe vectors = .allocate(capacity: 2 * capacity)
        unsafe headers.initializeMemory(as: UInt8.self, repeating: 0, count: capacity * Self.headerByteCount)
        unsafe messages.initialize(repeating: ovn_message(), count: capacity)
        unsafe vectors.initialize(repeating: iovec(), count: 2 * capacity)
        for index in 0..<capacity {
            unsafe vectors[2 * index] = iovec(
                iov_base: headers + index * Self.headerByteCount, iov_len: Self.receivedHeaderByteCount)
            unsafe vectors[2 * index + 1] = iovec(
                iov_base: slots + index * Self.slotByteCount + Self.headroom, iov_len: Self.frameCapacity)
            unsafe messages[index].header.msg_iov = vectors + 2 * index
            unsafe messages[index].header.msg_iovlen = 2
            unsafe messages[index].header.msg_control = controls + index * Self.controlByteCount
        }
    }

    deinit {
        // Safety: allocated in init; the elements need no deinitialisation.
        unsafe slots.deallocate()
        unsafe headers.deallocate()
        unsafe controls.deallocate()
        unsafe messages.deallocate()
        unsafe vectors.deallocate()
    }

    /// Receives the frames that are there, without blocking. `.moved` says how many.
    ///
    /// EINVAL means that one frame is lost: the kernel could not say in a header what is left to do to it.
    package func receive(_ raw: Int32) -> Transfer {
        for index in 0..<Self.capacity { unsafe messages[index].header.msg_controllen = Self.controlByteCount }
        // Safety: the kernel fills at most the slots, headers and buffers that init has laid out.
        return Transfer(
            SystemCall.result {
                unsafe Int(ovn_recvmmsg(raw, messages, UInt32(Self.capacity), Int32(MSG_DONTWAIT)))
            })
    }

    /// Whether frame `index` of the last `receive` is only the beginning of one.
    package func isTruncated(_ index: Int) -> Bool {
        precondition(index >= 0 && index < Self.capacity)
        // Safety: the index is checked.
        return unsafe messages[index].header.msg_flags & Int32(MSG_TRUNC) != 0
    }

    /// Puts the VLAN tag of frame `index` back and lends it, once: its virtio-net header, in which positions are still
    /// those without the tag, the frame, and whether it got one.
    @inline(__always)
    package mutating func takeFrame<R>(_ index: Int, _ body: (Span<UInt8>, Span<UInt8>, Bool) -> R) -> R {
        precondition(index >= 0 && index < Self.capacity)
        // Safety: the index is checked; header and slot are laid out by init, and the kernel has written no more.
        let header = unsafe Span<UInt8>(
            _unsafeStart: headers + index * Self.headerByteCount, byteCount: Self.headerByteCount)
        var start = unsafe slots + index * Self.slotByteCount + Self.headroom
        let received = unsafe Int(messages[index].byte_count) - Self.receivedHeaderByteCount
        var byteCount = min(max(0, received), Self.frameCapacity)
        let tag = byteCount >= Self.addressesByteCount ? auxiliaryData(index)?.tag : nil
        if let tag {
            // Safety: the headroom is longer than a tag, and the frame than the addresses.
            unsafe memmove(start - Self.tagByteCount, start, Self.addressesByteCount)
            unsafe start -= Self.tagByteCount
            unsafe (start + Self.addressesByteCount).storeBytes(of: tag.bigEndian, as: UInt32.self)
            byteCount += Self.tagByteCount
        }
        return unsafe body(header, Span(_unsafeStart: start, byteCount: byteCount), tag != nil)
    }

    /// The kernel writes the one control message that was asked for.
    @inline(__always)
    private func auxiliaryData(_ index: Int) -> AuxiliaryData? {
        // Safety: the index is checked by the caller; the kernel has written as much as it says.
        let needed = Int(ovn_cmsg_len(MemoryLayout<tpacket_auxdata>.size))
        guard unsafe messages[index].header.msg_controllen >= needed else { return nil }
        let message = unsafe (controls + index * Self.controlByteCount).assumingMemoryBound(to: cmsghdr.self)
        guard unsafe message.pointee.cmsg_level == SOL_PACKET, unsafe message.pointee.cmsg_type == PACKET_AUXDATA,
            unsafe Int(message.pointee.cmsg_len) >= needed
        else { return nil }
        return unsafe AuxiliaryData(ovn_cmsg_data(message).load(as: tpacket_auxdata.self))
    }
}
