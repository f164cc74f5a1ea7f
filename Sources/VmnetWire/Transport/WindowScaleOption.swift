/// TCP's window scale option, in the header of a SYN (RFC 7323, 2.2): kind 3, length 3, the number of bits by which its
/// sender's windows are to be shifted. It counts when both sides have sent it.
package enum WindowScaleOption {
    /// The largest shift (RFC 7323, 2.3).
    package static let maximum: UInt8 = 14
    /// With an octet of padding before it, so that the header stays a multiple of four.
    package static let byteCount = 4

    /// The shift in a SYN's options, a larger one than there may be cut down to that; nil when there is none, or the
    /// options before it make no sense.
    ///
    /// - Parameter segment: from the TCP header on, which has been parsed.
    package static func shift(in segment: Span<UInt8>, _ header: TCPHeader) -> UInt8? {
        TCPOptions.value(of: 3, length: 3, in: segment, header).map { min(segment[$0], maximum) }
    }

    /// Writes `byteCount` bytes.
    package static func write(shift: UInt8, to output: inout OutputSpan<UInt8>) {
        output.append(1)
        output.append(3)
        output.append(3)
        output.append(shift)
    }
}
