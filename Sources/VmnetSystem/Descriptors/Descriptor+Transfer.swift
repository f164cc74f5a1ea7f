import Glibc

extension Descriptor {
    /// Reads what is there, at most `buffer.count` bytes. The corresponding C call is `read`.
    package borrowing func read(into buffer: inout MutableSpan<UInt8>) -> Transfer {
        Self.read(raw, into: &buffer)
    }

    /// `read` on a descriptor that is borrowed as a number.
    package static func read(_ raw: Int32, into buffer: inout MutableSpan<UInt8>) -> Transfer {
        // Safety: the kernel writes into the buffer, at most its size, during the call.
        unsafe buffer.withUnsafeMutableBytes { bytes in
            Transfer(SystemCall.result { unsafe Glibc.read(raw, bytes.baseAddress, bytes.count) })
        }
    }

    /// Writes the bytes, or as many of them as there is room for. The corresponding C call is `write`.
    ///
    /// To a pipe without a reader it raises SIGPIPE, unless that is ignored.
    package borrowing func write(_ bytes: Span<UInt8>) -> Transfer {
        Self.write(raw, bytes)
    }

    /// `write` on a descriptor that is borrowed as a number.
    package static func write(_ raw: Int32, _ bytes: Span<UInt8>) -> Transfer {
        // Safety: the kernel only reads, within the bytes, during the call.
        unsafe bytes.withUnsafeBytes { bytes in
            Transfer(SystemCall.result { unsafe Glibc.write(raw, bytes.baseAddress, bytes.count) })
        }
    }

    /// Writes two runs of bytes as one, or as much of them as there is room for. The corresponding C call is `writev`.
    package borrowing func write(_ first: Span<UInt8>, _ second: Span<UInt8>) -> Transfer {
        let raw = raw
        // Safety: the kernel only reads, within the bytes, during the call.
        return unsafe first.withUnsafeBytes { first in
            unsafe second.withUnsafeBytes { second in
                unsafe withUnsafeTemporaryAllocation(of: iovec.self, capacity: 2) { vectors in
                    unsafe vectors.initializeElement(at: 0, to: iovec(first))
                    unsafe vectors.initializeElement(at: 1, to: iovec(second))
                    return Transfer(SystemCall.result { unsafe writev(raw, vectors.baseAddress, 2) })
                }
            }
        }
    }
}

extension iovec {
    /// Bytes that are only read.
    fileprivate init(_ bytes: UnsafeRawBufferPointer) {
        unsafe self.init(iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress), iov_len: bytes.count)
    }
}
