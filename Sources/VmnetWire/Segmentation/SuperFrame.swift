/// A frame whose payload is to be cut: a TCP segment or UDP datagram that is too large for a link, whose headers are read
/// once. It keeps no bytes.
///
/// ```
/// let superFrame = try SuperFrame(parsing: frame, offload)
/// for index in 0..<superFrame.count {
///     room.write(superFrame.byteCount(of: index)) { superFrame.write(index, of: frame, to: &$0) }
/// }
/// ```
package struct SuperFrame: Sendable {
    let headers: SuperFrameHeaders
    /// Payload bytes of one piece: a multiple of the segment's.
    let stride: Int
    /// Pieces that the frame becomes, one at least.
    package let count: Int
    /// The IPv4 header, but for what differs from piece to piece.
    let headerSum: InternetChecksum
    /// Pseudo-header and transport header, but for what differs.
    let transportSum: InternetChecksum

    /// Reads the headers of `frame`; throws as `SuperFrameHeaders` does.
    ///
    /// - Parameter packetLimit: the largest IP packet that a piece may be, in bytes, for whoever takes super-frames, but
    ///   not so large ones: pieces are then of as many segments as fit, and one at least. nil: a piece is one segment.
    package init(
        parsing frame: Span<UInt8>, _ offload: OffloadDescriptor, packetLimit: Int? = nil
    ) throws(WireError) {
        headers = try SuperFrameHeaders(parsing: frame, offload)
        let (network, transport) = (headers.networkOffset, headers.transportOffset)
        var headerSum = InternetChecksum()
        if !headers.isIPv6 {
            headerSum.add(frame.extracting(network..<transport))
            // Without total length, identification and checksum.
            headerSum.add(~frame.be16(at: network + 2))
            headerSum.add(~frame.be16(at: network + 4))
            headerSum.add(~frame.be16(at: network + 10))
        }
        var transportSum = headers.pseudoHeaderSum(of: frame)
        transportSum.add(frame.extracting(transport..<headers.headerByteCount))
        if headers.isTCP {
            transportSum.add(~frame.be32(at: transport + 4))
            transportSum.add(~UInt16(frame[transport + 13]))
            transportSum.add(~frame.be16(at: transport + TCPHeader.checksumOffset))
        } else {
            transportSum.add(~frame.be16(at: transport + 4))
            transportSum.add(~frame.be16(at: transport + UDPHeader.checksumOffset))
        }
        self.headerSum = headerSum
        self.transportSum = transportSum

        let room = (packetLimit ?? 0) - (headers.headerByteCount - network)
        stride = max(1, room / headers.segmentSize) * headers.segmentSize
        count = max(1, (headers.payloadByteCount + stride - 1) / stride)
    }

    /// Bytes of one piece, headers included.
    package func byteCount(of index: Int) -> Int { headers.headerByteCount + payload(of: index).count }

    /// Bytes of all pieces, headers included.
    package var byteCountOfPieces: Int { count * headers.headerByteCount + headers.payloadByteCount }

    /// What is left to do to one piece: nothing, unless it still has more than one segment.
    package func offload(of index: Int) -> OffloadDescriptor {
        payload(of: index).count > headers.segmentSize ? headers.segmentation : .none
    }

    /// The bytes of the payload that one piece carries.
    @inline(__always)
    func payload(of index: Int) -> Range<Int> {
        precondition(index >= 0 && index < count)
        return index * stride..<min(headers.payloadByteCount, (index + 1) * stride)
    }
}
