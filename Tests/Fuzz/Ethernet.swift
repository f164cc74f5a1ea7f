import VmnetWire

extension FuzzTarget {
    /// Any 14 bytes are a header, and are written as they were.
    static let ethernet = FuzzTarget(name: "ethernet") { bytes in
        do throws(WireError) {
            let header = try EthernetHeader(parsing: bytes)
            let written = [UInt8](capacity: EthernetHeader.byteCount) { header.write(to: &$0) }
            require(equal(written.span, bytes.extracting(first: EthernetHeader.byteCount)), "\(header)")
        } catch {
            require(error == .truncated && bytes.count < EthernetHeader.byteCount, "\(error)")
        }
    }
}
