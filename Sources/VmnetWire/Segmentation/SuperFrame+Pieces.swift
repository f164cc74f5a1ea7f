extension SuperFrame {
    /// Writes one piece: `byteCount(of: index)` bytes, with its lengths, numbers and flags, and every checksum computed,
    /// whatever the super-frame's own field held.
    ///
    /// `frame` holds the bytes that this was parsed from.
    package func write(_ index: Int, of frame: Span<UInt8>, to output: inout OutputSpan<UInt8>) {
        let range = payload(of: index)
        let start = output.count
        let (headerByteCount, transport) = (headers.headerByteCount, start + headers.transportOffset)
        output.append(frame.extracting(first: headerByteCount))
        let payload = frame.extracting((headerByteCount + range.lowerBound)..<(headerByteCount + range.upperBound))
        let payloadSum = output.append(summing: payload)
        var bytes = output.mutableSpan
        finishIP(index, in: &bytes, from: start + headers.networkOffset, to: start + headerByteCount + range.count)
        let length = headerByteCount - headers.transportOffset + range.count
        var sum = transportSum
        sum.add(UInt16(truncatingIfNeeded: length))
        sum.add(payloadSum)
        if headers.isTCP {
            finishTCP(index, range, &sum, in: &bytes, from: transport)
        } else {
            bytes.store(be16: UInt16(truncatingIfNeeded: length), at: transport + 4)
            sum.add(UInt16(truncatingIfNeeded: length))
            let checksum = sum.finished == 0 ? 0xffff : sum.finished
            bytes.store(be16: checksum, at: transport + UDPHeader.checksumOffset)
        }
    }

    /// The identification goes on as if each segment had been sent by itself (RFC 6864 asks that it does not repeat).
    @inline(__always)
    private func finishIP(_ index: Int, in bytes: inout MutableSpan<UInt8>, from start: Int, to end: Int) {
        if headers.isIPv6 {
            let length = UInt16(truncatingIfNeeded: end - start - IPv6Header.byteCount)
            return bytes.store(be16: length, at: start + 4)
        }
        let length = UInt16(truncatingIfNeeded: end - start)
        let segments = UInt16(truncatingIfNeeded: index * (stride / headers.segmentSize))
        let identification = bytes.span.be16(at: start + 4) &+ segments
        var sum = headerSum
        sum.add(length)
        sum.add(identification)
        bytes.store(be16: length, at: start + 2)
        bytes.store(be16: identification, at: start + 4)
        bytes.store(be16: sum.finished, at: start + 10)
    }

    /// FIN and PSH are the end's and stand in the last segment only; CWR answers one mark (RFC 3168, 6.1.2), and urgent
    /// data is announced once: they stand in the first.
    @inline(__always)
    private func finishTCP(
        _ index: Int, _ range: Range<Int>, _ sum: inout InternetChecksum, in bytes: inout MutableSpan<UInt8>,
        from start: Int
    ) {
        var flags = TCPHeader.Flags(rawValue: bytes[start + 13])
        if range.upperBound < headers.payloadByteCount { flags.subtract([.fin, .psh]) }
        if index > 0 { flags.subtract([.cwr, .urg]) }
        let sequence = bytes.span.be32(at: start + 4) &+ UInt32(truncatingIfNeeded: range.lowerBound)
        sum.add(sequence)
        sum.add(UInt16(flags.rawValue))
        bytes.store(be32: sequence, at: start + 4)
        bytes[start + 13] = flags.rawValue
        bytes.store(be16: sum.finished, at: start + TCPHeader.checksumOffset)
    }
}
