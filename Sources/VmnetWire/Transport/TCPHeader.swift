/// A TCP header (RFC 9293, 3.1). Options stay in the bytes, between `byteCount` and `headerLength`.
///
/// ```
///  0                 2                 4                                   8
/// +-----------------+-----------------+-----------------------------------+
/// | source port     | destination port| sequence number                   |
/// +-----------------+-----+-----------+-----------------+-----------------+
/// | acknowledgement number (4 bytes)  |offset, flags    | window          |   8
/// +-----------------+-----------------+-----------------+-----------------+
/// | checksum        | urgent pointer  | options, to offset x 4 bytes      |  16
/// +-----------------+-----------------+-----------------------------------+
/// ```
@usableFromInline
package struct TCPHeader: Equatable, Sendable {
    /// Without options.
    @inlinable package static var byteCount: Int { 20 }
    /// Where the checksum is.
    @inlinable package static var checksumOffset: Int { 16 }

    @usableFromInline
    package struct Flags: OptionSet, Hashable, Sendable {
        @usableFromInline package let rawValue: UInt8

        @inlinable
        package init(rawValue: UInt8) {
            self.rawValue = rawValue
        }

        @inlinable package static var fin: Flags { Flags(rawValue: 1) }
        @inlinable package static var syn: Flags { Flags(rawValue: 2) }
        @inlinable package static var rst: Flags { Flags(rawValue: 4) }
        @inlinable package static var psh: Flags { Flags(rawValue: 8) }
        @inlinable package static var ack: Flags { Flags(rawValue: 16) }
        @inlinable package static var urg: Flags { Flags(rawValue: 32) }
        @inlinable package static var ece: Flags { Flags(rawValue: 64) }
        @inlinable package static var cwr: Flags { Flags(rawValue: 128) }
    }

    @usableFromInline package var sourcePort: UInt16
    @usableFromInline package var destinationPort: UInt16
    @usableFromInline package var sequence: UInt32
    @usableFromInline package var acknowledgement: UInt32
    /// The four bits between data offset and flags (RFC 9293, 3.1), which the checksum covers. Apart from `flags`, so
    /// that no guest changes what a segment is taken for by setting them.
    @usableFromInline package var reserved: UInt8
    @usableFromInline package var flags: Flags
    @usableFromInline package var window: UInt16
    @usableFromInline package var checksum: UInt16
    @usableFromInline package var urgentPointer: UInt16
    /// 20...60 bytes, a multiple of 4.
    @usableFromInline package let headerLength: Int

    /// A header without options.
    package init(
        sourcePort: UInt16, destinationPort: UInt16, sequence: UInt32, acknowledgement: UInt32, flags: Flags,
        window: UInt16, checksum: UInt16 = 0, urgentPointer: UInt16 = 0
    ) {
        self.sourcePort = sourcePort
        self.destinationPort = destinationPort
        self.sequence = sequence
        self.acknowledgement = acknowledgement
        reserved = 0
        self.flags = flags
        self.window = window
        self.checksum = checksum
        self.urgentPointer = urgentPointer
        headerLength = Self.byteCount
    }

    /// `bytes` is the payload of the IP packet. The checksum is read, not verified.
    @inlinable @inline(__always)
    package init(parsing bytes: Span<UInt8>) throws(WireError) {
        guard bytes.count >= Self.byteCount else { throw .truncated }
        headerLength = Int(bytes[12] >> 4) * 4
        guard headerLength >= Self.byteCount else { throw .malformed }
        guard bytes.count >= headerLength else { throw .truncated }
        sourcePort = bytes.be16(at: 0)
        destinationPort = bytes.be16(at: 2)
        sequence = bytes.be32(at: 4)
        acknowledgement = bytes.be32(at: 8)
        reserved = bytes[12] & 15
        flags = Flags(rawValue: bytes[13])
        window = bytes.be16(at: 14)
        checksum = bytes.be16(at: 16)
        urgentPointer = bytes.be16(at: 18)
    }

    /// Writes 20 bytes; options are not kept, and the checksum is written as it is.
    ///
    /// - Parameter optionByteCount: of the options that the caller writes behind it, a multiple of 4, at most 40.
    package func write(to output: inout OutputSpan<UInt8>, optionByteCount: Int = 0) {
        output.append(be16: sourcePort)
        output.append(be16: destinationPort)
        output.append(be32: sequence)
        output.append(be32: acknowledgement)
        output.append(UInt8((Self.byteCount + optionByteCount) / 4) << 4 | reserved & 15)
        output.append(flags.rawValue)
        output.append(be16: window)
        output.append(be16: checksum)
        output.append(be16: urgentPointer)
    }
}
