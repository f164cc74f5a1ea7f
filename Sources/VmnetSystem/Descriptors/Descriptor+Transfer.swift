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
        let raw = raw
        // Safety: the kernel only reads, within the bytes, during the call.
        return unsafe bytes.withUnsafeBytes { bytes in
            Transfer(SystemCall.result { unsafe Glibc.write(raw, bytes.baseAddress, bytes.count) })
        }
    }
}
