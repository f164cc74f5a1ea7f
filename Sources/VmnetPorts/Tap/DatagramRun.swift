package import VmnetSystem
import VmnetWire

/// UDP datagrams of one flow that a TAP gives in a row, joined to one super-frame in the place where they are read.
///
/// Each would be a walk of its own through switch, filter and NAT. So the next frame is read to where its payload lies
/// right behind that of the last: its headers lie over the last one's end, which is kept aside until they have been looked
/// at. Nothing else is copied.
///
/// ```
///  0               12
/// +---------------+---------+---------+---------+
/// | virtio header | headers | payload | payload |
/// +---------------+---------+---------+---------+----------
///                     | virtio header | headers | payload     the next frame, as it is read
/// ```
///
/// What is joined is what cutting gives back as it was: datagrams of one size, of which the last may be shorter, with equal
/// headers and checksums still to be made, to one station; over IPv4 such as must not be fragmented, whose identification
/// means nothing (RFC 6864, 4.1).
package struct DatagramRun: ~Copyable {
    private static let frameOffset = VirtioNetHeader.byteCount
    private static let packetLimit = 65535
    /// Datagrams in one frame: what Linux takes (UDP_MAX_SEGMENTS).
    private static let mostDatagrams = 64

    /// Of the run, virtio header included; 0 = nothing is held.
    private var byteCount = 0
    /// All headers in front of the first payload.
    private var headerByteCount = 0
    /// Payload of each but the last.
    private var segmentByteCount = 0
    private var count = 0

    package init() {}

    /// Where in the batch's memory the next frame is to be read.
    package var readOffset: Int { byteCount - headerByteCount }

    /// Takes the frame that was read at `readOffset`, and hands on what need not wait any more: perhaps this frame, perhaps
    /// a run, perhaps nothing. What is handed on begins with a virtio header, and is lent for the call.
    ///
    /// - Parameter frameByteCount: virtio header included.
    package mutating func take(
        _ frameByteCount: Int, in batch: borrowing ReceiveBatch, _ deliver: (Span<UInt8>) -> Void
    ) {
        var frame = readOffset..<(readOffset + frameByteCount)
        if count > 0 {
            if isJoinable(frame, in: batch) { return join(frame.count - headerByteCount, in: batch, deliver) }
            // The headers give way to what they lie over, and come back.
            let headers = frame.lowerBound..<(frame.lowerBound + min(headerByteCount, frameByteCount))
            let kept = Self.spare(2, in: batch)
            batch.copy(headers, to: kept)
            flush(in: batch, deliver)
            batch.copy(kept..<(kept + headers.count), to: headers.lowerBound)
        }
        guard let datagram = batch.withBytes(frame, { JoinableDatagram(parsing: $0) }) else {
            return batch.withBytes(frame, deliver)
        }
        if frame.lowerBound > 0 {
            batch.copy(frame, to: 0)
            frame = 0..<frameByteCount
        }
        count = 1
        byteCount = frameByteCount
        headerByteCount = datagram.headerByteCount
        segmentByteCount = frameByteCount - headerByteCount
        batch.copy(0..<headerByteCount, to: Self.spare(1, in: batch))
        keepEnd(in: batch)
    }

    /// Hands on what is held: at the end of each batch.
    package mutating func flush(in batch: borrowing ReceiveBatch, _ deliver: (Span<UInt8>) -> Void) {
        guard count > 0 else { return }
        restoreEnd(in: batch)
        finish(in: batch, deliver)
    }

    // MARK: Joining

    /// Whether a frame goes on where the run ends. The first one's headers may lie under it: there is a copy.
    private func isJoinable(_ frame: Range<Int>, in batch: borrowing ReceiveBatch) -> Bool {
        let payload = frame.count - headerByteCount
        guard payload > 0, payload <= segmentByteCount, byteCount + payload - Self.frameOffset <= Self.packetLimit
        else {
            return false
        }
        let first = Self.spare(1, in: batch)
        return batch.withBytes(first..<(first + headerByteCount)) { first in
            batch.withBytes(frame) { JoinableDatagram.areAlike(first, $0) }
        }
    }

    private mutating func join(
        _ payload: Int, in batch: borrowing ReceiveBatch, _ deliver: (Span<UInt8>) -> Void
    ) {
        restoreEnd(in: batch)
        byteCount += payload
        count += 1
        let mayGoOn = payload == segmentByteCount && count < Self.mostDatagrams
        if mayGoOn { keepEnd(in: batch) } else { finish(in: batch, deliver) }
    }

    /// Hands on the run, whose end is in its place, as the kernel would hand on a super-frame.
    private mutating func finish(in batch: borrowing ReceiveBatch, _ deliver: (Span<UInt8>) -> Void) {
        let run = 0..<byteCount
        if count > 1 { batch.withMutableBytes(run) { writeHeaders(in: &$0) } }
        (byteCount, headerByteCount, count) = (0, 0, 0)
        batch.withBytes(run, deliver)
    }

    private func writeHeaders(in bytes: inout MutableSpan<UInt8>) {
        let network = Self.frameOffset + EthernetHeader.byteCount
        let transport = headerByteCount - UDPHeader.byteCount
        let isIPv4 = transport - network == IPv4Header.byteCount
        // Type of segmentation, size of the headers, size of a segment; what it says of the checksum stays.
        bytes[1] = OffloadDescriptor.Segmentation.udp.rawValue
        bytes.store(le16: UInt16(truncatingIfNeeded: headerByteCount - Self.frameOffset), at: 2)
        bytes.store(le16: UInt16(truncatingIfNeeded: segmentByteCount), at: 4)
        let length = UInt16(truncatingIfNeeded: bytes.count - transport)
        if isIPv4 {
            bytes.store(be16: UInt16(truncatingIfNeeded: bytes.count - network), at: network + 2)
            bytes.store(be16: 0, at: network + 10)
            let checksum = InternetChecksum.of(bytes.span.extracting(network..<transport))
            bytes.store(be16: checksum, at: network + 10)
        } else {
            bytes.store(be16: length, at: network + 4)
        }
        bytes.store(be16: length, at: transport + 4)
        var sum = InternetChecksum()
        sum.add(bytes.span.extracting((network + (isIPv4 ? 12 : 8))..<transport))
        sum.add(UInt16(IPProtocol.udp.rawValue))
        sum.add(length)
        bytes.store(be16: sum.folded, at: transport + UDPHeader.checksumOffset)
    }

    // MARK: The end of the run

    /// The longest headers, virtio header included.
    private static let mostHeaders =
        VirtioNetHeader.byteCount + EthernetHeader.byteCount + IPv6Header.byteCount + UDPHeader.byteCount

    /// Memory behind the longest run and one more frame, either of which fits a slot of the network's: for the end of the run,
    /// for the first one's headers, and for those of one that is not joined.
    private static func spare(_ number: Int, in batch: borrowing ReceiveBatch) -> Int {
        3 * batch.slotByteCount + number * mostHeaders
    }

    /// Keeps aside what the next frame's headers will lie over.
    private func keepEnd(in batch: borrowing ReceiveBatch) {
        batch.copy(readOffset..<byteCount, to: Self.spare(0, in: batch))
    }

    private func restoreEnd(in batch: borrowing ReceiveBatch) {
        let kept = Self.spare(0, in: batch)
        batch.copy(kept..<(kept + headerByteCount), to: readOffset)
    }
}

/// A UDP datagram that others may be joined to.
private struct JoinableDatagram {
    private static let networkOffset = VirtioNetHeader.byteCount + EthernetHeader.byteCount
    /// Version and header length, and flags: IPv4 without options, in one piece, not to be fragmented.
    private static let (plainIPv4, dontFragment): (UInt8, UInt16) = (0x45, 0x4000)
    /// The network's own server reads one message from a frame (RFC 2131, 4.1).
    private static let dhcpServerPort: UInt16 = 67

    /// All headers, the virtio header included.
    let headerByteCount: Int

    /// Whatever is looked at here is the same in all datagrams of a run, but for lengths.
    ///
    /// - Parameter bytes: virtio header and frame.
    init?(parsing bytes: Span<UInt8>) {
        let network = Self.networkOffset
        guard bytes.count > network + IPv4Header.byteCount + UDPHeader.byteCount,
            let offload = try? VirtioNetHeader(parsing: bytes).offload, offload.segmentation == .none,
            offload.needsChecksum, Int(offload.checksumOffset) == UDPHeader.checksumOffset,
            // Not to a group: that is for many, of whom some have it cut again.
            bytes[VirtioNetHeader.byteCount] & 1 == 0
        else { return nil }
        let transport: Int
        switch EtherType(rawValue: bytes.be16(at: network - 2)) {
        case .ipv4:
            guard bytes[network] == Self.plainIPv4, bytes.be16(at: network + 6) == Self.dontFragment,
                bytes[network + 9] == IPProtocol.udp.rawValue
            else { return nil }
            transport = network + IPv4Header.byteCount
        case .ipv6:
            guard bytes[network] >> 4 == 6, bytes[network + 6] == IPProtocol.udp.rawValue else { return nil }
            transport = network + IPv6Header.byteCount
        default: return nil
        }
        headerByteCount = transport + UDPHeader.byteCount
        guard bytes.count > headerByteCount, Int(offload.checksumStart) == transport - VirtioNetHeader.byteCount,
            bytes.be16(at: transport + 2) != Self.dhcpServerPort,
            Self.isWhole(bytes, headerByteCount: headerByteCount)
        else { return nil }
    }

    /// Whether the lengths in the headers are the frame's, and IPv4's checksum is right.
    @inline(__always)
    private static func isWhole(_ bytes: Span<UInt8>, headerByteCount: Int) -> Bool {
        let transport = headerByteCount - UDPHeader.byteCount
        guard Int(bytes.be16(at: transport + 4)) == bytes.count - transport else { return false }
        if transport - networkOffset == IPv6Header.byteCount {
            return Int(bytes.be16(at: networkOffset + 4)) == bytes.count - transport
        }
        return Int(bytes.be16(at: networkOffset + 2)) == bytes.count - networkOffset
            && InternetChecksum.of(bytes.extracting(networkOffset..<transport)) == 0
    }

    /// Whether a frame has the headers of the first one but for lengths, identification and checksums.
    ///
    /// - Parameters:
    ///   - first: the headers of one that was parsed.
    ///   - other: a frame that is longer than these.
    @inline(__always)
    static func areAlike(_ first: Span<UInt8>, _ other: Span<UInt8>) -> Bool {
        let network = networkOffset
        let transport = first.count - UDPHeader.byteCount
        // What the virtio header says, stations, type, the IP header's first two bytes.
        guard first.be64(at: 0) == other.be64(at: 0), first.be16(at: 8) == other.be16(at: 8),
            first.be64(at: 12) == other.be64(at: 12), first.be64(at: 20) == other.be64(at: 20)
        else { return false }
        if transport - network == IPv4Header.byteCount {
            // Flags, time to live, protocol; addresses.
            guard first.be32(at: network + 6) == other.be32(at: network + 6),
                first.be64(at: network + 12) == other.be64(at: network + 12)
            else { return false }
        } else {
            // The rest of the flow label, next header and hop limit; addresses.
            guard first.be16(at: network + 2) == other.be16(at: network + 2),
                first.be16(at: network + 6) == other.be16(at: network + 6)
            else { return false }
            for offset in stride(from: network + 8, to: transport, by: 8)
            where first.be64(at: offset) != other.be64(at: offset) { return false }
        }
        // The ports.
        return first.be32(at: transport) == other.be32(at: transport)
            && isWhole(other, headerByteCount: first.count)
    }
}
