import VmnetWire

extension FuzzTarget {
    /// A header stays within its bytes, and is written as it was but for its options. What its options say to have come
    /// lies behind what they acknowledge, and within what was sent.
    static let tcp = FuzzTarget(name: "tcp") { bytes in
        do throws(WireError) {
            let header = try TCPHeader(parsing: bytes)
            require((20...60).contains(header.headerLength) && header.headerLength <= bytes.count, "\(header)")
            let written = [UInt8](capacity: TCPHeader.byteCount) { header.write(to: &$0) }
            var expected = [UInt8](copying: bytes.extracting(first: TCPHeader.byteCount))
            expected[12] = 0x50 | expected[12] & 15
            require(written == expected, "\(header)")
            let flight = Int(header.window)
            let extent = SelectiveAcknowledgementOption.extent(
                in: bytes, behind: header.acknowledgement, within: flight)
            require(extent.map { $0.lowerBound > 0 && $0.upperBound <= flight } ?? true, "\(header)")
        } catch {
            require(error != .checksum, "it is not verified on parsing")
        }
    }
}
