/// A checksum left to the device (virtio 1.2, 5.1.6.2): the field holds the folded pseudo-header sum only.
package enum PartialChecksum {
    /// Completes the checksum in `frame`: everything from `start` on is summed into the field at `start + offset`.
    ///
    /// UDP's, which is known by its offset, is stored as 0xffff instead of zero (RFC 768); no other's is, though that means the
    /// same, because it is not what a sender would have computed.
    /// Throws `.malformed` when the field does not lie in the frame; the frame is then untouched.
    package static func complete(
        in frame: inout MutableSpan<UInt8>, start: Int, offset: Int
    ) throws(WireError) {
        guard start >= 0, offset >= 0, start <= frame.count, offset <= frame.count - start - 2 else {
            throw .malformed
        }
        var checksum = InternetChecksum()
        checksum.add(frame.span.extracting(droppingFirst: start))
        let isUDP = offset == UDPHeader.checksumOffset
        let value = checksum.finished == 0 && isUDP ? 0xffff : checksum.finished
        frame[start + offset] = UInt8(truncatingIfNeeded: value >> 8)
        frame[start + offset + 1] = UInt8(truncatingIfNeeded: value)
    }
}
