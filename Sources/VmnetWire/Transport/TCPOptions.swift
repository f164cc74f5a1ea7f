/// The options between a TCP header and its data (RFC 9293, 3.2).
enum TCPOptions {
    /// Where the value of the option of that kind and length lies; nil when there is none, or the options before it make
    /// no sense.
    ///
    /// - Parameter segment: from the TCP header on, which has been parsed.
    static func value(of kind: UInt8, length: Int, in segment: Span<UInt8>, _ header: TCPHeader) -> Int? {
        var option = TCPHeader.byteCount
        while option < header.headerLength {
            switch segment[option] {
            case 0: return nil
            case 1: option += 1
            case let found:
                guard option + 2 <= header.headerLength, segment[option + 1] >= 2 else { return nil }
                if found == kind {
                    guard option + length <= header.headerLength, Int(segment[option + 1]) == length else {
                        return nil
                    }
                    return option + 2
                }
                option += Int(segment[option + 1])
            }
        }
        return nil
    }
}
