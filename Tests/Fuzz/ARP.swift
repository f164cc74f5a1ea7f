import VmnetWire

extension FuzzTarget {
    /// What is a packet is written as it was.
    static let arp = FuzzTarget(name: "arp") { bytes in
        do throws(WireError) {
            let packet = try ARPPacket(parsing: bytes)
            let written = [UInt8](capacity: ARPPacket.byteCount) { packet.write(to: &$0) }
            require(equal(written.span, bytes.extracting(first: ARPPacket.byteCount)), "\(packet)")
        } catch {
            require((error == .truncated) == (bytes.count < ARPPacket.byteCount), "\(error)")
        }
    }
}
