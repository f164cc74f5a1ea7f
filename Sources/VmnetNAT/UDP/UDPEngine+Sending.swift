import SystemPackage
import VmnetSystem
import VmnetWire

/// A place in the staged datagrams of one flow.
struct StagedPosition {
    /// A record; -1 = behind the last one.
    var record: Int32
    /// Bytes of the record's payload before it: not zero only in a super-frame.
    var offset: Int = 0
}

/// From the guest to the host.
extension UDPEngine {
    /// Datagrams in one message, and bytes in it: what Linux takes (UDP_MAX_SEGMENTS, and an IPv4 packet).
    static let messageSegmentCount = 64
    static let messageByteCount = 65535 - IPv4Header.byteCount - UDPHeader.byteCount

    /// Copies a payload behind what its flow has staged already.
    @inline(__always)
    mutating func stage(
        _ payload: Span<UInt8>, _ slot: Int, _ peer: InternetEndpoint, _ segmentByteCount: UInt16, _ hopLimit: UInt8,
        _ typeOfService: UInt8
    ) {
        if !staging.isUsed { buffers.exchange(&staging) }
        let range = staging.append(payload)
        let record = Int32(truncatingIfNeeded: staging.records.count)
        staging.records.append(
            DatagramStaging.Record(
                range: range, peer: peer, segmentByteCount: segmentByteCount, hopLimit: hopLimit,
                typeOfService: typeOfService))
        let last = flows[slot].lastStaged
        flows[slot].lastStaged = record
        if last >= 0 {
            staging.records[Int(last)].next = record
        } else {
            flows[slot].firstStaged = record
            staged.append(Int32(truncatingIfNeeded: slot))
        }
    }

    /// Sends what is staged. Call it after the last datagram of a batch.
    mutating func flush() {
        guard !staged.isEmpty else { return }
        let bytes = staging.takeBytes()
        for slot in staged { send(Int(slot), from: bytes.span) }
        staged.removeAll(keepingCapacity: true)
        staging.removeAll(keeping: consume bytes)
        buffers.exchange(&staging)
    }

    /// Sends a super-frame from where it lies, behind what its flow has staged already: there is little to join it with, and
    /// much to copy.
    mutating func sendAtOnce(
        _ payload: Span<UInt8>, _ slot: Int, _ peer: InternetEndpoint, _ segmentByteCount: UInt16, _ hopLimit: UInt8,
        _ typeOfService: UInt8
    ) {
        if flows[slot].firstStaged >= 0 { flush() }
        if !staging.isUsed { buffers.exchange(&staging) }
        flows[slot].firstStaged = Int32(truncatingIfNeeded: staging.records.count)
        staging.records.append(
            DatagramStaging.Record(
                range: payload.indices, peer: peer, segmentByteCount: segmentByteCount, hopLimit: hopLimit,
                typeOfService: typeOfService))
        send(slot, from: payload)
        staging.records.removeLast()
        if staged.isEmpty { buffers.exchange(&staging) }
    }

    /// - Parameter bytes: where the records' payloads are.
    private mutating func send(_ slot: Int, from bytes: Span<UInt8>) {
        var position = StagedPosition(record: flows[slot].firstStaged)
        flows[slot].firstStaged = -1
        flows[slot].lastStaged = -1
        while position.record >= 0 {
            let end = compose(from: position, segmentLimit: flows[slot].segmentLimit)
            position = sendMessages(slot, from: bytes) ?? end
        }
    }

    /// Sends the messages composed. Returns where to compose anew, when the kernel refuses to segment.
    private mutating func sendMessages(_ slot: Int, from bytes: Span<UInt8>) -> StagedPosition? {
        var first = 0
        var retried = -1
        while first < positions.count {
            switch buffers.sending.send(flows[slot].descriptor, from: bytes, first: first) {
            case .moved(let count): first += max(count, 1)
            case .wouldBlock:
                // As on any link that has no room.
                counters.unsent += UInt64(positions.count - first)
                return nil
            case .failed(let error):
                let record = staging.records[Int(positions[first].record)]
                if retried < first {
                    // It may be about an earlier datagram: told once, it is cleared.
                    retried = first
                } else if Self.isRefusal(error), isSegmented[first] {
                    let size = record.segmentByteCount > 0 ? Int(record.segmentByteCount) : record.byteCount
                    flows[slot].segmentLimit = error == .ioError ? 0 : min(size, flows[slot].segmentLimit)
                    return positions[first]
                } else {
                    counters.unsent += 1
                    passLocalError(slot, error, about: record, quoting: bytes.extracting(record.range))
                    first += 1
                }
            }
        }
        return nil
    }

    /// Errors with which the kernel says that a message is none it can segment: the device has no checksums, the route
    /// carries less than the segment, or the kernel is an old one.
    private static func isRefusal(_ error: Errno) -> Bool {
        error == .ioError || error == .invalidArgument || error == .messageTooLong || error == .notSupported
    }

    // MARK: Messages

    /// Makes messages of what is staged from `start` on. Returns where it stopped for want of room.
    private mutating func compose(from start: StagedPosition, segmentLimit: Int) -> StagedPosition {
        buffers.sending.removeAll()
        positions.removeAll(keepingCapacity: true)
        isSegmented.removeAll(keepingCapacity: true)
        var position = start
        while position.record >= 0 {
            let record = staging.records[Int(position.record)]
            let end =
                record.segmentByteCount > 0
                ? composePart(of: record, at: position, segmentLimit) : composeRun(at: position, segmentLimit)
            guard let end else { return position }
            position = end
        }
        return position
    }

    /// Datagrams of one size for one peer, the last of which may be shorter, as one message. nil: no room.
    private mutating func composeRun(at start: StagedPosition, _ segmentLimit: Int) -> StagedPosition? {
        let first = staging.records[Int(start.record)]
        let size = first.byteCount
        var count = 1
        if size > 0, size < segmentLimit {
            var total = size
            var last = first
            while last.next >= 0, count < Self.messageSegmentCount, last.byteCount == size {
                let next = staging.records[Int(last.next)]
                guard next.isLike(first), next.byteCount > 0, next.byteCount <= size else { break }
                total += next.byteCount
                guard total <= Self.messageByteCount else { break }
                count += 1
                last = next
            }
        }
        guard begin(first, at: start, segmentByteCount: count > 1 ? UInt16(clamping: size) : 0) else { return nil }
        var index = start.record
        for _ in 0..<count {
            let record = staging.records[Int(index)]
            // Without room for more ranges the run ends here, and is a shorter one.
            guard buffers.sending.append(record.range) else { break }
            index = record.next
        }
        return StagedPosition(record: index)
    }

    /// As many datagrams of a super-frame as one message takes, or one where the kernel does not segment.
    private mutating func composePart(
        of record: DatagramStaging.Record, at start: StagedPosition, _ segmentLimit: Int
    ) -> StagedPosition? {
        let size = Int(record.segmentByteCount)
        let whole = size < segmentLimit ? min(Self.messageSegmentCount, max(1, Self.messageByteCount / size)) : 1
        let rest = (record.range.lowerBound + start.offset)..<record.range.upperBound
        let part = rest.lowerBound..<min(rest.upperBound, rest.lowerBound + whole * size)
        guard begin(record, at: start, segmentByteCount: part.count > size ? record.segmentByteCount : 0) else {
            return nil
        }
        // There is room for a range wherever there is for a message.
        _ = buffers.sending.append(part)
        return part.upperBound < rest.upperBound
            ? StagedPosition(record: start.record, offset: start.offset + part.count)
            : StagedPosition(record: record.next)
    }

    private mutating func begin(
        _ record: DatagramStaging.Record, at position: StagedPosition, segmentByteCount: UInt16
    ) -> Bool {
        let options = DatagramSendBatch.Options(
            segmentByteCount: segmentByteCount, hopLimit: record.hopLimit, typeOfService: record.typeOfService)
        guard buffers.sending.begin(to: record.peer, options) else { return false }
        positions.append(position)
        isSegmented.append(segmentByteCount > 0)
        return true
    }
}
