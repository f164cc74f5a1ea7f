import VmnetWire

/// A copy of one frame, changed in place with its checksums kept right (RFC 1624).
///
/// The buffer is used again for the next frame, so that no frame costs an allocation once the largest has come by.
/// Offsets count from the Ethernet header; every one is checked by the caller's parsing.
struct FrameEditor {
    private enum Offset {
        static let ipv4Checksum = 14 + 10
        static let ipv4Source = 14 + 12
        static let ipv4Destination = 14 + 16
        static let ipv4Transport = 14 + 20
        static let tcpChecksum = 16
        static let udpChecksum = 6
    }

    private(set) var bytes: [UInt8] = []

    /// Takes a copy of the frame.
    mutating func load(_ frame: Span<UInt8>) {
        bytes.removeAll(keepingCapacity: true)
        // Safety: the buffer is read during the call only.
        unsafe frame.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
    }

    /// Takes a frame of `byteCount` bytes that `body` writes.
    mutating func load(byteCount: Int, _ body: (inout OutputSpan<UInt8>) -> Void) {
        bytes.removeAll(keepingCapacity: true)
        bytes.append(addingCapacity: byteCount) { body(&$0) }
    }

    /// Completes a checksum that was left to us. Throws `.malformed` when it does not lie in the frame.
    mutating func complete(_ offload: OffloadDescriptor) throws(WireError) {
        var span = bytes.mutableSpan
        try PartialChecksum.complete(
            in: &span, start: Int(offload.checksumStart), offset: Int(offload.checksumOffset))
    }

    /// Clears the urgent flag and pointer of the TCP header at `offset`.
    mutating func clearUrgent(transportOffset offset: Int) {
        let checksum = offset + Offset.tcpChecksum
        let flags = be16(at: offset + 12)
        replace(be16: flags & ~UInt16(TCPHeader.Flags.urg.rawValue), at: offset + 12, checksumAt: checksum)
        replace(be16: 0, at: offset + 18, checksumAt: checksum)
    }

    /// Takes one off the window in the TCP header at `offset`, which is not 0.
    mutating func reduceWindow(transportOffset offset: Int) {
        replace(be16: be16(at: offset + 14) &- 1, at: offset + 14, checksumAt: offset + Offset.tcpChecksum)
    }

    /// Changes what the TCP header at `offset` says of where both streams stand.
    mutating func setNumbers(sequence: UInt32, acknowledgement: UInt32, window: UInt16, transportOffset offset: Int) {
        let checksum = offset + Offset.tcpChecksum
        let numbers = [
            UInt16(truncatingIfNeeded: sequence >> 16), UInt16(truncatingIfNeeded: sequence),
            UInt16(truncatingIfNeeded: acknowledgement >> 16), UInt16(truncatingIfNeeded: acknowledgement),
        ]
        for (index, number) in numbers.enumerated() {
            replace(be16: number, at: offset + 4 + 2 * index, checksumAt: checksum)
        }
        replace(be16: window, at: offset + 14, checksumAt: checksum)
    }

    /// Adds an option to the TCP header at `offset`, that of a SYN without data; one that has no room for it stays as it is.
    ///
    /// - Parameter length: of what `write` writes, in bytes, a multiple of 4.
    mutating func appendOption(
        byteCount length: Int, transportOffset offset: Int, _ write: (inout OutputSpan<UInt8>) -> Void
    ) {
        guard let header = try? TCPHeader(parsing: bytes.span.extracting(droppingFirst: offset)),
            offset + header.headerLength == bytes.count, header.headerLength + length <= 60
        else { return }
        bytes += [UInt8](capacity: length, initializingWith: write)
        bytes[offset + 12] += UInt8(length / 4) << 4
        let isIPv4 = bytes[EthernetHeader.byteCount] >> 4 == 4
        let lengthOffset = EthernetHeader.byteCount + (isIPv4 ? 2 : 4)
        let total = be16(at: lengthOffset) + UInt16(length)
        if isIPv4 {
            replace(be16: total, at: lengthOffset, checksumAt: Offset.ipv4Checksum)
        } else {
            store(be16: total, at: lengthOffset)
        }
        sumTransport(at: offset, isIPv4: isIPv4)
    }

    /// Computes the TCP checksum anew.
    private mutating func sumTransport(at offset: Int, isIPv4: Bool) {
        let addresses = isIPv4 ? Offset.ipv4Source..<Offset.ipv4Transport : (EthernetHeader.byteCount + 8)..<offset
        store(be16: 0, at: offset + Offset.tcpChecksum)
        var sum = InternetChecksum()
        sum.add(bytes.span.extracting(addresses))
        sum.add(UInt16(IPProtocol.tcp.rawValue))
        sum.add(UInt32(bytes.count - offset))
        sum.add(bytes.span.extracting(droppingFirst: offset))
        store(be16: sum.finished, at: offset + Offset.tcpChecksum)
    }

    /// Changes the maximum segment size that the TCP header at `offset` announces, if it does.
    mutating func setMaximumSegmentSize(_ size: UInt16, transportOffset offset: Int) {
        guard let option = maximumSegmentSize(transportOffset: offset) else { return }
        let checksum = offset + Offset.tcpChecksum
        let old = be16(at: offset + option)
        store(be16: size, at: offset + option)
        // At an odd place its bytes are halves of two words, which sums to the same as a word with them swapped.
        let isEven = option & 1 == 0
        let updated = InternetChecksum.updated(
            be16(at: checksum), replacing: isEven ? old : old.byteSwapped, by: isEven ? size : size.byteSwapped)
        store(be16: updated, at: checksum)
    }

    /// Where the option's value is, from the TCP header at `offset` on.
    private func maximumSegmentSize(transportOffset offset: Int) -> Int? {
        let segment = bytes.span.extracting(droppingFirst: offset)
        guard let header = try? TCPHeader(parsing: segment) else { return nil }
        return MaximumSegmentSizeOption.offset(in: segment, header)
    }

    /// Gives an IPv4 packet another destination.
    mutating func setDestination(_ address: IPv4Address) {
        setAddress(address, at: Offset.ipv4Destination, packetAt: EthernetHeader.byteCount)
    }

    /// Gives an IPv4 packet another source.
    mutating func setSource(_ address: IPv4Address) {
        setAddress(address, at: Offset.ipv4Source, packetAt: EthernetHeader.byteCount)
    }

    /// Gives an IPv4 packet another destination, and the TCP header at `offset` another destination port.
    mutating func setDestination(_ address: IPv4Address, port: UInt16, transportOffset offset: Int) {
        setDestination(address)
        replace(be16: port, at: offset + 2, checksumAt: offset + Offset.tcpChecksum)
    }

    /// Gives an IPv4 packet another source, and the TCP header at `offset` another source port.
    mutating func setSource(_ address: IPv4Address, port: UInt16, transportOffset offset: Int) {
        setSource(address)
        replace(be16: port, at: offset, checksumAt: offset + Offset.tcpChecksum)
    }

    /// Gives the packet that an ICMP error quotes back the destination it had.
    ///
    /// The sum over the quoted header stays what it is, but that over the quoted transport header does not.
    mutating func setQuotedDestination(_ address: IPv4Address) {
        let quoted = Offset.ipv4Transport + ICMPHeader.byteCount
        guard bytes.count >= quoted + IPv4Header.byteCount else { return }
        let before = InternetChecksum.of(bytes.span.extracting(droppingFirst: quoted))
        setAddress(address, at: quoted + 16, packetAt: quoted)
        let after = InternetChecksum.of(bytes.span.extracting(droppingFirst: quoted))
        let checksum = Offset.ipv4Transport + 2
        // The complements of the sums differ as the sums do, the other way round.
        store(be16: InternetChecksum.updated(be16(at: checksum), replacing: ~before, by: ~after), at: checksum)
    }

    /// Puts `address` into every link-layer address option of the neighbour discovery message in an IPv6 packet
    /// (RFC 4861, 4.6.1), whose fixed part ends at `optionsOffset`.
    mutating func setLinkLayerAddress(_ address: MACAddress, optionsOffset: Int) {
        let checksum = 14 + IPv6Header.byteCount + 2
        var option = optionsOffset
        while option + 8 <= bytes.count, bytes[option + 1] > 0 {
            if bytes[option] == 1 || bytes[option] == 2 {
                for index in 0..<3 {
                    let word = UInt16(truncatingIfNeeded: address.bits >> UInt64(32 - 16 * index))
                    replace(be16: word, at: option + 2 + 2 * index, checksumAt: checksum)
                }
            }
            option += Int(bytes[option + 1]) * 8
        }
    }

    /// Gives the frame another source on the link.
    mutating func setLinkSource(_ address: MACAddress) {
        for index in 0..<3 {
            store(be16: UInt16(truncatingIfNeeded: address.bits >> UInt64(32 - 16 * index)), at: 6 + 2 * index)
        }
    }

    /// Changes an address of the IPv4 packet at `packet`, its header checksum, and the transport's, which covers it too.
    private mutating func setAddress(_ address: IPv4Address, at offset: Int, packetAt packet: Int) {
        let old = UInt32(be16(at: offset)) << 16 | UInt32(be16(at: offset + 2))
        let header = packet + 10
        store(be16: InternetChecksum.updated(be16(at: header), replacing: old, by: address.bits), at: header)
        store(be16: UInt16(truncatingIfNeeded: address.bits >> 16), at: offset)
        store(be16: UInt16(truncatingIfNeeded: address.bits), at: offset + 2)
        // Only the first fragment has the transport header.
        guard be16(at: packet + 6) & 0x1fff == 0 else { return }
        let transport = packet + Int(bytes[packet] & 15) * 4
        switch IPProtocol(rawValue: bytes[packet + 9]) {
        case .tcp where bytes.count >= transport + Offset.tcpChecksum + 2:
            let checksum = transport + Offset.tcpChecksum
            store(be16: InternetChecksum.updated(be16(at: checksum), replacing: old, by: address.bits), at: checksum)
        case .udp where bytes.count >= transport + Offset.udpChecksum + 2:
            let checksum = transport + Offset.udpChecksum
            let stored = be16(at: checksum)
            // Zero is none, and none it stays; a sum that comes out as zero is stored as 0xffff (RFC 768).
            guard stored != 0 else { return }
            let updated = InternetChecksum.updated(stored, replacing: old, by: address.bits)
            store(be16: updated == 0 ? 0xffff : updated, at: checksum)
        default: break
        }
    }

    private func be16(at offset: Int) -> UInt16 {
        UInt16(bytes[offset]) << 8 | UInt16(bytes[offset + 1])
    }

    private mutating func store(be16 value: UInt16, at offset: Int) {
        bytes[offset] = UInt8(truncatingIfNeeded: value >> 8)
        bytes[offset + 1] = UInt8(truncatingIfNeeded: value)
    }

    private mutating func replace(be16 value: UInt16, at offset: Int, checksumAt checksum: Int) {
        let updated = InternetChecksum.updated(be16(at: checksum), replacing: be16(at: offset), by: value)
        store(be16: value, at: offset)
        store(be16: updated, at: checksum)
    }
}
