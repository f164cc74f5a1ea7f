import CVmnetLinux
import Glibc
import SystemPackage

/// A socket for a program that does one thing after the other: every call waits, for a bounded time.
///
/// The network's own sockets are never of this kind; those of its namespace guests and of the demo are.
package struct BlockingSocket: ~Copyable, Sendable {
    package let descriptor: Descriptor

    /// Takes over a socket in its blocking mode.
    package init(_ descriptor: consuming Descriptor) {
        self.descriptor = descriptor
    }

    /// Sends all of `bytes`: on a stream as much at a time as fits, else as one datagram.
    ///
    /// Throws EPIPE when a stream's other end is gone (never a signal), EAGAIN after the time-out.
    package borrowing func send(_ bytes: Span<UInt8>) throws(SystemError) {
        let raw = descriptor.raw
        var sent = 0
        while sent < bytes.count {
            // Safety: the kernel reads `count` bytes of the span that is lent here.
            sent += try unsafe bytes.extracting(droppingFirst: sent).withUnsafeBufferPointer {
                rest throws(SystemError) in
                try SystemCall.run("send on a socket") {
                    unsafe Glibc.send(raw, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
                }
            }
        }
    }

    /// What one receive call brings: a piece of a stream, or a datagram cut to the buffer.
    ///
    /// - Returns: the number of bytes written to the buffer's start; 0 at the end of a stream; nil after the time-out.
    package borrowing func receive(into buffer: inout [UInt8]) throws(SystemError) -> Int? {
        let raw = descriptor.raw
        // Safety: the kernel writes no more than the buffer has room for.
        let result = unsafe buffer.withUnsafeMutableBytes { room in
            SystemCall.result { unsafe recv(raw, room.baseAddress, room.count, 0) }
        }
        switch result {
        case .success(let count): return count
        case .failure(.wouldBlock): return nil
        case .failure(let error): throw SystemError("receive on a socket", error)
        }
    }

    /// Bounds every later call; less than a microsecond counts as one.
    package borrowing func setTimeout(_ timeout: Duration) throws(SystemError) {
        let (seconds, attoseconds) = timeout.components
        let microseconds = attoseconds / 1_000_000_000_000
        let value = timeval(
            tv_sec: Int(seconds), tv_usec: seconds == 0 && microseconds < 1 ? 1 : Int(microseconds))
        try setOption(SOL_SOCKET, SO_RCVTIMEO, value)
        try setOption(SOL_SOCKET, SO_SNDTIMEO, value)
    }

    /// Ends both directions: whoever waits on the socket, in any thread, stops waiting.
    package borrowing func shutDown() {
        // It fails only when the socket is not connected, and then nobody waits.
        _ = shutdown(descriptor.raw, Int32(SHUT_RDWR))
    }

    /// `Value` is the plain C type that the option takes.
    borrowing func setOption<Value: BitwiseCopyable>(
        _ level: Int32, _ option: Int32, _ value: Value
    ) throws(SystemError) {
        let raw = descriptor.raw
        var value = value
        try SystemCall.run("set option \(option) of a socket") {
            // Safety: the kernel copies the value during the call.
            unsafe setsockopt(raw, level, option, &value, socklen_t(MemoryLayout<Value>.size))
        }
    }
}
