import CLinux
import Glibc

/// The stand-in for a virtual machine on a stream socket: carries frames between a TAP interface, behind which is the
/// guest's kernel, and a socket in QEMU's framing (a 32-bit big-endian length before each frame).
///
/// A thread for each direction, and as few system calls as a TAP allows: one for each frame there, one for a batch of
/// frames at the socket.
package struct FramePump: Sendable {
    /// The largest frame either side may send, 64 KiB of payload behind an Ethernet header.
    private static let largestFrame = 65_550
    private static let headerCount = 4
    private static let batchCount = 8 * (headerCount + largestFrame)

    private let tap: Int32
    private let socket: Int32

    /// - Parameter tap: a TAP that does not block.
    package init(tap: Int32, socket: Int32) {
        self.tap = tap
        self.socket = socket
    }

    /// Returns when the socket's other side has closed it.
    package func carryFrames() {
        let pump = self
        var thread = pthread_t()
        let argument = unsafe Unmanaged.passRetained(PumpBox(pump)).toOpaque()
        // Safety: the thread takes over the reference that was retained for it.
        _ = unsafe pthread_create(
            &thread, nil,
            { argument in
                if let argument = unsafe argument {
                    unsafe Unmanaged<PumpBox>.fromOpaque(argument).takeRetainedValue().pump.carryOut()
                }
                exit(0)
            }, argument)
        carryIn()
    }

    /// From the guest: whatever waits in the TAP, as far as there is room, goes out in one call.
    private func carryOut() {
        var batch = [UInt8](repeating: 0, count: Self.batchCount)
        var entry = pollfd(fd: tap, events: Int16(POLLIN), revents: 0)
        while true {
            // Safety: one entry, which lives for the call.
            guard unsafe poll(&entry, 1, -1) > 0 else { continue }
            // Safety: each frame is read behind its header and inside the array; what is sent was written before.
            let isOpen = unsafe batch.withUnsafeMutableBytes { octets in
                var filled = 0
                while octets.count - filled >= Self.headerCount + Self.largestFrame, let base = octets.baseAddress {
                    let count = unsafe read(tap, base + filled + Self.headerCount, Self.largestFrame)
                    guard count > 0 else { break }
                    unsafe (base + filled).storeBytes(of: UInt32(count).bigEndian, as: UInt32.self)
                    filled += Self.headerCount + count
                }
                return unsafe sendAll(UnsafeRawBufferPointer(octets), count: filled)
            }
            guard isOpen else { return }
        }
    }

    private func sendAll(_ octets: UnsafeRawBufferPointer, count: Int) -> Bool {
        var sent = 0
        while sent < count, let base = octets.baseAddress {
            // Safety: only octets before `count`, which the caller has written.
            let result = unsafe send(socket, base + sent, count - sent, Int32(MSG_NOSIGNAL))
            guard result > 0 else { return false }
            sent += result
        }
        return true
    }

    /// To the guest: as much as the socket has, cut into frames. One that the interface refuses is lost, as on a wire.
    private func carryIn() {
        var octets = [UInt8](repeating: 0, count: Self.batchCount)
        var filled = 0
        while true {
            // Safety: `recv` writes behind what is filled and inside the array; each frame lies before `filled`.
            let rest = unsafe octets.withUnsafeMutableBytes { octets -> Int? in
                guard let base = octets.baseAddress else { return nil }
                let count = unsafe recv(socket, base + filled, octets.count - filled, 0)
                guard count > 0 else { return nil }
                filled += count
                var start = 0
                while filled - start >= Self.headerCount {
                    let length = Int(
                        UInt32(bigEndian: unsafe base.loadUnaligned(fromByteOffset: start, as: UInt32.self)))
                    guard length <= Self.largestFrame else { return nil }
                    guard filled - start - Self.headerCount >= length else { break }
                    _ = unsafe write(tap, base + start + Self.headerCount, length)
                    start += Self.headerCount + length
                }
                if start > 0 { _ = unsafe memmove(base, base + start, filled - start) }
                return filled - start
            }
            guard let rest else { return }
            filled = rest
        }
    }
}

/// Carries a pump into its second thread.
private final class PumpBox: Sendable {
    let pump: FramePump
    init(_ pump: FramePump) { self.pump = pump }
}
