import VmnetWire

extension FuzzTarget {
    /// A datagram stays within its bytes, is written as it was, and verifies with a checksum of ours.
    static let udp = FuzzTarget(name: "udp") { bytes in
        do throws(WireError) {
            let header = try UDPHeader(parsing: bytes)
            require((UDPHeader.byteCount...bytes.count).contains(Int(header.length)), "\(header)")
            let written = [UInt8](capacity: UDPHeader.byteCount) { header.write(to: &$0) }
            require(equal(written.span, bytes.extracting(first: UDPHeader.byteCount)), "\(header)")

            let source = IPv4Address(bits: 0xc0a8_4002)
            let destination = IPv4Address(bits: 0xc0a8_4001)
            let payload = bytes.extracting(UDPHeader.byteCount..<Int(header.length))
            let summed = header.withChecksum(over: payload, source: source, destination: destination)
            require(summed.checksum != 0, "zero means none")
            let datagram = [UInt8](capacity: Int(header.length)) {
                summed.write(to: &$0)
                $0.append(payload)
            }
            require(summed.verify(datagram.span, source: source, destination: destination), "\(summed)")
            // All ones and zero are the same sum; any other stored value is wrong or the one of ours.
            let isIntact = header.verify(bytes, source: source, destination: destination)
            require(isIntact == (header.checksum == 0 || header.checksum == summed.checksum), "\(header)")
        } catch {
            require(error != .checksum, "it is not verified on parsing")
        }
    }
}
