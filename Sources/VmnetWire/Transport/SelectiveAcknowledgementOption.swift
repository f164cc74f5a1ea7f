/// TCP's selective acknowledgements (RFC 2018): with them a sender learns of everything that has come behind a gap, and
/// sends only the gaps again. They may be sent to whoever has said so with its SYN.
package enum SelectiveAcknowledgementOption {
    /// Bytes that have come: from `start` up to `end`, which has not.
    package struct Block: Equatable, Sendable {
        package var start: UInt32
        package var end: UInt32

        package init(start: UInt32, end: UInt32) {
            self.start = start
            self.end = end
        }
    }

    /// Of SACK-permitted (section 2: kind 4, length 2), with padding, so that the header stays a multiple of four.
    package static let permittedByteCount = 4
    /// Blocks beside no other option (section 3).
    package static let maximumBlockCount = 4

    /// Whether a SYN's options allow selective acknowledgements.
    ///
    /// - Parameter segment: from the TCP header on, which has been parsed.
    package static func isPermitted(in segment: Span<UInt8>, _ header: TCPHeader) -> Bool {
        TCPOptions.value(of: 4, length: 2, in: segment, header) != nil
    }

    /// Writes `permittedByteCount` bytes.
    package static func writePermitted(to output: inout OutputSpan<UInt8>) {
        output.append(1)
        output.append(1)
        output.append(4)
        output.append(2)
    }

    /// Of an option with so many blocks (section 3: kind 5), with padding; without any there is none.
    package static func byteCount(ofBlocks count: Int) -> Int { count == 0 ? 0 : 4 + 8 * count }

    /// Writes the option.
    ///
    /// - Parameter blocks: at most four, the one with the newest segment first (section 4).
    package static func write(_ blocks: [Block], to output: inout OutputSpan<UInt8>) {
        guard !blocks.isEmpty else { return }
        output.append(1)
        output.append(1)
        output.append(5)
        output.append(UInt8(2 + 8 * blocks.count))
        for block in blocks {
            output.append(be32: block.start)
            output.append(be32: block.end)
        }
    }

    /// What has come behind a gap: from the first start to the last end, as bytes after `number`; nil without a block there.
    ///
    /// - Parameters:
    ///   - segment: from the TCP header on.
    ///   - number: what the segment acknowledges.
    ///   - byteCount: what has been sent behind that. Blocks that reach beyond, or lie before, are passed over: of those
    ///     before it, one says what has come twice (RFC 2883).
    package static func extent(
        in segment: Span<UInt8>, behind number: UInt32, within byteCount: Int
    ) -> Range<Int>? {
        guard let header = try? TCPHeader(parsing: segment), let value = value(in: segment, header) else { return nil }
        var (first, last) = (Int.max, 0)
        for offset in stride(from: value.lowerBound, to: value.upperBound, by: 8) {
            let start = Int(segment.be32(at: offset) &- number)
            let end = Int(segment.be32(at: offset + 4) &- number)
            guard 0 < start, start < end, end <= byteCount else { continue }
            (first, last) = (min(first, start), max(last, end))
        }
        return first < last ? first..<last : nil
    }

    /// The blocks of a segment's options; none when there are none, or the options before them make no sense.
    package static func blocks(in segment: Span<UInt8>, _ header: TCPHeader) -> [Block] {
        guard let value = value(in: segment, header) else { return [] }
        return stride(from: value.lowerBound, to: value.upperBound, by: 8).map {
            Block(start: segment.be32(at: $0), end: segment.be32(at: $0 + 4))
        }
    }

    /// Where the blocks lie.
    private static func value(in segment: Span<UInt8>, _ header: TCPHeader) -> Range<Int>? {
        for count in 1...maximumBlockCount {
            guard let start = TCPOptions.value(of: 5, length: 2 + 8 * count, in: segment, header) else { continue }
            return start..<(start + 8 * count)
        }
        return nil
    }
}
