import Glibc

/// Carries frames between a TAP interface and a socket, and loses some if asked to. Checks nothing: what the guest's kernel
/// sends is what goes out.
struct FrameBridge {
    /// The largest frame that either side may send: 64 KiB of payload behind an Ethernet header.
    private static let largestFrame = 65_550

    private let tap: TAP
    private let socket: UnixSocket
    private var outgoing = [UInt8](repeating: 0, count: 2 * (4 + largestFrame))
    private var incoming = [UInt8](repeating: 0, count: 4 * largestFrame)
    /// Octets of `incoming` that wait for the rest of their frame.
    private var filled = 0
    private var outgoingLoss: Loss
    private var incomingLoss: Loss

    /// - Parameter lossInterval: of each direction, every frame whose number is a multiple of it is lost.
    init(tap: TAP, socket: UnixSocket, lossInterval: Int? = nil) {
        self.tap = tap
        self.socket = socket
        outgoingLoss = Loss(interval: lossInterval)
        incomingLoss = Loss(interval: lossInterval)
    }

    /// Returns when the socket's other side has closed it.
    mutating func carryFrames() throws(SystemError) {
        var entries = [tap.descriptor, socket.descriptor].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        while true {
            // Safety: two entries, which live for the call.
            guard unsafe poll(&entries, 2, -1) > 0 else { continue }
            if entries[0].revents != 0 { try carryOut() }
            if entries[1].revents != 0, try !carryIn() { return }
        }
    }

    /// Sends the frames that the interface has, in one call if the socket is a stream: an emulator's device has many, too.
    private mutating func carryOut() throws(SystemError) {
        let header = socket.kind == .stream ? 4 : 0
        var filled = 0
        while outgoing.count - filled >= header + Self.largestFrame {
            // Safety: at most `largestFrame` octets go behind the header's four.
            let count = unsafe outgoing.withUnsafeMutableBytes { octets in
                unsafe read(tap.descriptor, octets.baseAddress.map { unsafe $0 + filled + header }, Self.largestFrame)
            }
            if count < 0, errno == EAGAIN { break }
            guard count > 0 else { throw SystemError("read from the TAP") }
            if outgoingLoss.takesNext() { continue }
            for place in 0..<header { outgoing[filled + place] = UInt8(truncatingIfNeeded: count >> (24 - 8 * place)) }
            filled += header + count
            if header == 0 { break }
        }
        var sent = 0
        while sent < filled {
            // Safety: only octets that were written above are sent.
            let result = unsafe outgoing.withUnsafeBytes { octets in
                let rest = unsafe octets.baseAddress.map { unsafe $0 + sent }
                return unsafe send(socket.descriptor, rest, filled - sent, Int32(MSG_NOSIGNAL))
            }
            guard result >= 0 else { throw SystemError("send") }
            sent += result
        }
    }

    /// Whether the other side is still there.
    private mutating func carryIn() throws(SystemError) -> Bool {
        // Safety: `recv` writes behind what is filled and inside the array.
        let count = unsafe incoming.withUnsafeMutableBytes { octets in
            unsafe recv(socket.descriptor, octets.baseAddress.map { unsafe $0 + filled }, octets.count - filled, 0)
        }
        guard count >= 0 else { throw SystemError("recv") }
        guard count > 0 else { return false }
        guard socket.kind == .stream else {
            deliver(0..<count)
            return true
        }
        filled += count
        var start = 0
        while filled - start >= 4 {
            let length = (0..<4).reduce(0) { $0 << 8 | Int(incoming[start + $1]) }
            guard length <= Self.largestFrame else { throw SystemError("frame of \(length) octets", number: EMSGSIZE) }
            guard filled - start - 4 >= length else { break }
            deliver(start + 4..<start + 4 + length)
            start += 4 + length
        }
        // Safety: both ranges are inside the array; memmove allows them to overlap.
        unsafe incoming.withUnsafeMutableBytes { octets in
            if let base = octets.baseAddress { _ = unsafe memmove(base, base + start, filled - start) }
        }
        filled -= start
        return true
    }

    /// A frame that the interface refuses (it is down, or has no room) is lost, as on a wire.
    private mutating func deliver(_ range: Range<Int>) {
        if incomingLoss.takesNext() { return }
        // Safety: `range` is inside the array.
        _ = unsafe incoming.withUnsafeBytes { octets in
            unsafe write(tap.descriptor, octets.baseAddress.map { unsafe $0 + range.lowerBound }, range.count)
        }
    }
}

/// The frames of one direction that are lost.
private struct Loss {
    /// nil: none.
    let interval: Int?
    private var count = 0

    init(interval: Int?) { self.interval = interval }

    mutating func takesNext() -> Bool {
        guard let interval, interval > 0 else { return false }
        count += 1
        return count % interval == 0
    }
}
