import CLinux
import Glibc

/// The stand-in for a virtual machine on a stream socket: carries frames between a TAP interface, behind which is the
/// guest's kernel, and a socket in QEMU's framing (a 32-bit big-endian length before each frame).
///
/// One thread for both directions, as an emulator's main loop is. A batch of frames is one system call at the socket and,
/// unless they are joined, towards the TAP; from there each is one.
package struct FramePump {
    /// The largest frame either side may send, 64 KiB of payload behind an Ethernet header.
    private static let largestFrame = 65_550
    private static let headerCount = 4
    private static let batchCount = 8 * (headerCount + largestFrame)

    private let tap: Int32
    private let socket: Int32
    /// What the guest has sent, and how much of it the socket has taken.
    private var outgoing = [UInt8](repeating: 0, count: FramePump.batchCount)
    private var outgoingCount = 0
    private var sentCount = 0
    /// What the socket has brought: whole frames, and the beginning of the next.
    private var incoming = [UInt8](repeating: 0, count: FramePump.batchCount)
    private var incomingCount = 0
    /// Writes it for the guest as it is; or else it is joined.
    private let writer: FrameWriter?
    private var offload: ReceiveOffload?
    private var entries: [pollfd]

    /// - Parameters:
    ///   - tap: a TAP that does not block; with a virtio header if `joinsSegments` is set.
    ///   - socket: connected; it is made non-blocking.
    ///   - joinsSegments: whether the guest is given segments as its driver would join them.
    package init(tap: Int32, socket: Int32, joinsSegments: Bool = false) {
        self.tap = tap
        self.socket = socket
        writer = joinsSegments ? nil : FrameWriter(to: tap)
        offload = joinsSegments ? ReceiveOffload(tap: tap) : nil
        entries = [socket, tap].map { pollfd(fd: $0, events: 0, revents: 0) }
        _ = fcntl(socket, F_SETFL, O_NONBLOCK)
    }

    /// Returns when the socket's other side has closed it.
    package mutating func carryFrames() {
        while true {
            wait()
            readGuest()
            guard sendRest(), receiveBatch() else { return }
        }
    }

    /// The guest's frames stay in its queue while the socket takes no more.
    private mutating func wait() {
        let isSending = outgoingCount > 0
        entries[0].events = Int16(isSending ? POLLIN | POLLOUT : POLLIN)
        entries[1].events = Int16(isSending ? 0 : POLLIN)
        // Safety: two entries, which live for the call.
        _ = unsafe poll(&entries, 2, -1)
    }

    /// From the guest: whatever waits in the TAP, as far as there is room.
    private mutating func readGuest() {
        guard outgoingCount == 0 else { return }
        let (tap, hasVirtioHeader) = (tap, offload != nil)
        // Safety: each frame is read behind its length and inside the array.
        outgoingCount = unsafe outgoing.withUnsafeMutableBytes { octets in
            var filled = 0
            while octets.count - filled >= Self.headerCount + Self.largestFrame, let base = octets.baseAddress {
                let place = unsafe base + filled + Self.headerCount
                let count =
                    unsafe hasVirtioHeader
                    ? Self.readBehindHeader(tap, place) : read(tap, place, Self.largestFrame)
                guard count > 0 else { break }
                unsafe (base + filled).storeBytes(of: UInt32(count).bigEndian, as: UInt32.self)
                filled += Self.headerCount + count
            }
            return filled
        }
    }

    /// Reads a frame without the virtio header before it, which says nothing: the guest's kernel has done everything.
    private static func readBehindHeader(_ tap: Int32, _ place: UnsafeMutableRawPointer) -> Int {
        // Safety: a header's octets, and those of the largest frame, for which there is room.
        unsafe withUnsafeTemporaryAllocation(byteCount: ReceiveOffload.virtioByteCount, alignment: 2) { header in
            unsafe withUnsafeTemporaryAllocation(of: iovec.self, capacity: 2) { pieces in
                unsafe pieces.initializeElement(at: 0, to: iovec(iov_base: header.baseAddress, iov_len: header.count))
                unsafe pieces.initializeElement(at: 1, to: iovec(iov_base: place, iov_len: largestFrame))
                return unsafe readv(tap, pieces.baseAddress, 2) - header.count
            }
        }
    }

    private mutating func sendRest() -> Bool {
        guard outgoingCount > 0 else { return true }
        // Safety: only octets before the count, which have been written.
        let count = unsafe outgoing.withUnsafeBytes { octets in
            unsafe send(
                socket, octets.baseAddress.map { unsafe $0 + sentCount }, outgoingCount - sentCount, Int32(MSG_NOSIGNAL)
            )
        }
        guard count >= 0 else { return errno == EAGAIN }
        sentCount += count
        if sentCount == outgoingCount { (sentCount, outgoingCount) = (0, 0) }
        return true
    }

    /// To the guest: as much as the socket has, cut into frames. One that the interface refuses is lost, as on a wire.
    private mutating func receiveBatch() -> Bool {
        var offload = offload.take()
        // Safety: `recv` writes behind what is filled and inside the array; each frame lies before `filled`.
        let rest = unsafe incoming.withUnsafeMutableBytes { octets -> Int? in
            guard let base = octets.baseAddress else { return nil }
            let count = unsafe recv(socket, base + incomingCount, octets.count - incomingCount, 0)
            guard count > 0 else { return count < 0 && errno == EAGAIN ? incomingCount : nil }
            let filled = incomingCount + count
            let batch = unsafe Span<UInt8>(_unsafeBytes: octets.prefix(filled))
            var start = 0
            while filled - start >= Self.headerCount {
                let length = Int(UInt32(bigEndian: unsafe base.loadUnaligned(fromByteOffset: start, as: UInt32.self)))
                guard length <= Self.largestFrame else { return nil }
                guard filled - start - Self.headerCount >= length else { break }
                start += Self.headerCount
                unsafe writer?.add(UnsafeRawBufferPointer(start: base + start, count: length))
                offload?.take(start..<start + length, of: batch)
                start += length
            }
            offload?.flush(batch)
            writer?.flush()
            if start > 0 { _ = unsafe memmove(base, base + start, filled - start) }
            return filled - start
        }
        self.offload = offload
        guard let rest else { return false }
        incomingCount = rest
        return true
    }
}
