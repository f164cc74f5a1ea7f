import VmnetWire

extension FuzzTarget {
    /// A header stays within its bytes, and is written as it was.
    static let ipv6 = FuzzTarget(name: "ipv6") { bytes in
        do throws(WireError) {
            let header = try IPv6Header(parsing: bytes)
            require(IPv6Header.byteCount + header.payloadLength <= bytes.count, "\(header)")
            let written = [UInt8](capacity: IPv6Header.byteCount) { header.write(to: &$0) }
            require(equal(written.span, bytes.extracting(first: IPv6Header.byteCount)), "\(header)")
        } catch {
            require(error != .checksum, "there is none")
        }
    }
}
