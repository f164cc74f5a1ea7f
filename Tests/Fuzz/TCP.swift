import VmnetWire

extension FuzzTarget {
    /// A header stays within its bytes, and is written as it was but for its options.
    static let tcp = FuzzTarget(name: "tcp") { bytes in
        do throws(WireError) {
            let header = try TCPHeader(parsing: bytes)
            require((20...60).contains(header.headerLength) && header.headerLength <= bytes.count, "\(header)")
            let written = [UInt8](capacity: TCPHeader.byteCount) { header.write(to: &$0) }
            var expected = [UInt8](copying: bytes.extracting(first: TCPHeader.byteCount))
            expected[12] = 0x50 | expected[12] & 15
            require(written == expected, "\(header)")
        } catch {
            require(error != .checksum, "it is not verified on parsing")
        }
    }
}
