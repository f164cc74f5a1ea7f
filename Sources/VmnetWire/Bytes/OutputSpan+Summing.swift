extension OutputSpan<UInt8> {
    /// Appends `bytes` and returns their one's complement sum, folded: both in one pass over them.
    mutating func append(summing bytes: Span<UInt8>) -> UInt16 {
        // Safety: what is copied fits behind what is initialised, and the pointers are used during the call only.
        unsafe bytes.withUnsafeBytes { source in
            unsafe withUnsafeMutableBufferPointer { buffer, initializedCount in
                precondition(source.count <= buffer.count &- initializedCount, "the output span is full")
                guard let from = source.baseAddress, let to = buffer.baseAddress else { return 0 }
                let free = unsafe UnsafeMutableRawPointer(to + initializedCount)
                initializedCount &+= source.count
                let sum = unsafe ChecksumLanes.sum(from, source.count, copyingTo: free)
                return UInt16(bigEndian: InternetChecksum.fold(sum))
            }
        }
    }
}
