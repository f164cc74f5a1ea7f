/// TCP's maximum segment size option, in the header of a SYN (RFC 9293, 3.7.1): kind 2, length 4, the bytes of data that
/// its sender takes in one segment.
package enum MaximumSegmentSizeOption {
    /// What to assume without the option, over IPv4 and IPv6.
    package static let defaultIPv4: UInt16 = 536
    package static let defaultIPv6: UInt16 = 1220

    /// Where the option's value lies; nil when there is none, or the options before it make no sense.
    ///
    /// - Parameter segment: from the TCP header on, which has been parsed.
    package static func offset(in segment: Span<UInt8>, _ header: TCPHeader) -> Int? {
        TCPOptions.value(of: 2, length: 4, in: segment, header)
    }
}
