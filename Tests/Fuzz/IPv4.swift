import VmnetWire

extension FuzzTarget {
    /// A header stays within its bytes, and is read back as it was written.
    ///
    /// Nearly all mutations break the checksum, so every input is looked at a second time with a right one.
    static let ipv4 = FuzzTarget(name: "ipv4") { bytes in
        checkIPv4(bytes)
        var repaired = [UInt8](copying: bytes)
        guard repaired.count >= IPv4Header.byteCount else { return }
        let headerLength = min(Int(repaired[0] & 15) * 4, repaired.count)
        guard headerLength >= IPv4Header.byteCount else { return }
        repaired[10] = 0
        repaired[11] = 0
        let checksum = InternetChecksum.of(repaired.span.extracting(first: headerLength))
        repaired[10] = UInt8(checksum >> 8)
        repaired[11] = UInt8(checksum & 255)
        require(checkIPv4(repaired.span) != .checksum, "a right checksum was refused")
    }
}

/// Returns why the bytes are no header.
@discardableResult
private func checkIPv4(_ bytes: Span<UInt8>) -> WireError? {
    do throws(WireError) {
        let header = try IPv4Header(parsing: bytes)
        require((20...60).contains(header.headerLength), "\(header)")
        require(header.headerLength <= Int(header.totalLength) && Int(header.totalLength) <= bytes.count, "\(header)")
        require(header.payloadLength >= 0 && (0...65528).contains(header.fragmentOffset), "\(header)")
        let packet = [UInt8](capacity: IPv4Header.byteCount + header.payloadLength) {
            header.write(to: &$0)
            $0.append(bytes.extracting(header.headerLength..<Int(header.totalLength)))
        }
        guard let again = try? IPv4Header(parsing: packet.span) else { fatalError("\(header) is not read again") }
        require(again.payloadLength == header.payloadLength, "\(again)")
        require(header.hasOptions || again == header, "\(again) from \(header)")
        // The reserved bit is not kept, and all ones are another way to write a checksum of zero.
        if !header.hasOptions, bytes[6] < 0x80, bytes.be16(at: 10) != 0xffff {
            require(equal(packet.span, bytes.extracting(first: packet.count)), "\(header)")
        }
        return nil
    } catch {
        return error
    }
}
