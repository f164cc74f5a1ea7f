import VmnetWire

extension FuzzTarget {
    /// The sum of eight bytes at a time is that of RFC 1071 word by word, whole and in pieces, and so is an update.
    ///
    /// The first byte says where to cut, the next two what to write there.
    static let checksum = FuzzTarget(name: "checksum") { bytes in
        guard bytes.count > 3 else { return }
        let data = bytes.extracting(droppingFirst: 3)
        let sum = plainSum(data)
        require(InternetChecksum.of(data) == ~sum, "whole")

        let cut = min(Int(bytes[0]), data.count) & ~1
        var pieces = InternetChecksum()
        pieces.add(data.extracting(first: cut))
        pieces.add(data.extracting(droppingFirst: cut))
        require(pieces.finished == ~sum, "cut at \(cut)")

        guard cut + 2 <= data.count else { return }
        var changed = [UInt8](copying: data)
        changed[cut] = bytes[1]
        changed[cut + 1] = bytes[2]
        let updated = InternetChecksum.updated(~sum, replacing: data.be16(at: cut), by: bytes.be16(at: 1))
        // Bytes that are all zero have two sums, and only an update can give the other.
        require(updated == ~plainSum(changed.span) || changed.allSatisfy { $0 == 0 }, "updated at \(cut)")
    }

    /// The field, and nothing else, changes so that the whole sums to the negative of what the field held.
    ///
    /// The first four bytes are the start and the offset, as in a virtio-net header.
    static let partialChecksum = FuzzTarget(name: "partial-checksum") { bytes in
        guard bytes.count >= 4 else { return }
        let start = Int(bytes.be16(at: 0))
        let offset = Int(bytes.be16(at: 2))
        let before = bytes.extracting(droppingFirst: 4)
        var frame = [UInt8](copying: before)
        let isDone = complete(&frame, start: start, offset: offset)
        require(isDone == (start + offset + 2 <= frame.count), "\(start) + \(offset)")
        for index in frame.indices where !isDone || (index != start + offset && index != start + offset + 1) {
            require(frame[index] == before[index], "byte \(index)")
        }
        guard isDone else { return }
        require(offset != UDPHeader.checksumOffset || frame.span.be16(at: start + offset) != 0, "zero means none")
        guard offset.isMultiple(of: 2) else { return }
        var sum = InternetChecksum()
        sum.add(frame.span.extracting(droppingFirst: start))
        // In one's complement zero has two forms.
        let left = UInt32(sum.folded) + UInt32(before.be16(at: start + offset))
        require(left % 0xffff == 0, "\(left)")
    }
}

private func complete(_ frame: inout [UInt8], start: Int, offset: Int) -> Bool {
    var span = frame.mutableSpan
    do throws(WireError) {
        try PartialChecksum.complete(in: &span, start: start, offset: offset)
        return true
    } catch {
        return false
    }
}

private func plainSum(_ bytes: Span<UInt8>) -> UInt16 {
    var sum = 0
    for index in bytes.indices {
        sum += Int(bytes[index]) << (index.isMultiple(of: 2) ? 8 : 0)
        if sum > 0xffff { sum -= 0xffff }
    }
    return UInt16(sum)
}
