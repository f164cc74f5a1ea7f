import VmnetWire

extension FuzzTarget {
    /// Any 8 bytes are a header, and are written as they were.
    static let icmp = FuzzTarget(name: "icmp") { bytes in
        do throws(WireError) {
            let header = try ICMPHeader(parsing: bytes)
            let written = [UInt8](capacity: ICMPHeader.byteCount) { header.write(to: &$0) }
            require(equal(written.span, bytes.extracting(first: ICMPHeader.byteCount)), "\(header)")
        } catch {
            require(error == .truncated && bytes.count < ICMPHeader.byteCount, "\(error)")
        }
    }
}
