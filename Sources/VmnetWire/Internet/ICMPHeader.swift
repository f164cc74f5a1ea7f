/// The first eight bytes of an ICMP message, version 4 (RFC 792) or 6 (RFC 4443, 2.1).
///
/// ```
///  0        1        2                 4                                   8
/// +--------+--------+-----------------+-----------------------------------+------
/// | type   | code   | checksum        | depends on the type               | data
/// +--------+--------+-----------------+-----------------------------------+------
/// ```
@usableFromInline
package struct ICMPHeader: Equatable, Sendable {
    @inlinable package static var byteCount: Int { 8 }

    @usableFromInline package var type: UInt8
    @usableFromInline package var code: UInt8
    @usableFromInline package var checksum: UInt16
    /// Identifier and sequence number of an echo; MTU in the low half of "fragmentation needed"; else zero.
    @usableFromInline package var rest: UInt32

    package init(type: UInt8, code: UInt8, checksum: UInt16 = 0, rest: UInt32 = 0) {
        self.type = type
        self.code = code
        self.checksum = checksum
        self.rest = rest
    }

    /// `bytes` begins after the IP header. The checksum is read, not verified: it covers data, and in version 6 a
    /// pseudo-header, that the header alone does not know.
    @inlinable @inline(__always)
    package init(parsing bytes: Span<UInt8>) throws(WireError) {
        guard bytes.count >= Self.byteCount else { throw .truncated }
        type = bytes[0]
        code = bytes[1]
        checksum = bytes.be16(at: 2)
        rest = bytes.be32(at: 4)
    }

    package func write(to output: inout OutputSpan<UInt8>) {
        output.append(type)
        output.append(code)
        output.append(be16: checksum)
        output.append(be32: rest)
    }

    /// Types and codes of version 4.
    package enum V4 {
        package static let echoReply: UInt8 = 0
        package static let destinationUnreachable: UInt8 = 3
        package static let echoRequest: UInt8 = 8
        package static let timeExceeded: UInt8 = 11
        /// Codes of `destinationUnreachable`.
        package static let portUnreachable: UInt8 = 3
        package static let fragmentationNeeded: UInt8 = 4
        /// RFC 1812, 5.2.7.1.
        package static let administrativelyProhibited: UInt8 = 13

        /// Whether a message of the type is about another packet, and so must not be answered with an error itself
        /// (RFC 1122, 3.2.2).
        package static func isError(_ type: UInt8) -> Bool {
            switch type {
            // Unreachable, source quench, redirect, time exceeded, parameter problem.
            case 3, 4, 5, 11, 12: true
            default: false
            }
        }
    }

    /// Types of version 6.
    package enum V6 {
        package static let destinationUnreachable: UInt8 = 1
        package static let packetTooBig: UInt8 = 2
        package static let timeExceeded: UInt8 = 3
        package static let echoRequest: UInt8 = 128
        package static let echoReply: UInt8 = 129
        package static let routerSolicitation: UInt8 = 133
        package static let routerAdvertisement: UInt8 = 134
        package static let neighborSolicitation: UInt8 = 135
        package static let neighborAdvertisement: UInt8 = 136
        /// Code of `destinationUnreachable` (RFC 4443, 3.1).
        package static let administrativelyProhibited: UInt8 = 1
    }
}
