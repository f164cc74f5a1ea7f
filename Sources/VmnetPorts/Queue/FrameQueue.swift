package import VmnetSwitch
package import VmnetWire

/// The frames that wait for one guest, in order, in one run of bytes.
///
/// ```
///            head                                        tail
///             v                                           v
///   (taken)   [length, 32 bits big-endian][header?][frame][length][header?][frame]   (free)
/// ```
///
/// The length is that of what follows it, as in QEMU's stream framing, so that a stream is written straight from here.
/// A stream may have taken a part of the first record; a transport of messages takes whole ones.
///
/// Memory: nothing before the first frame; at most twice `hardLimit` for a guest that does not read; and it shrinks
/// again once the queue is emptied with little in it.
package struct FrameQueue: ~Copyable {
    /// Queued bytes above which ordinary frames are refused.
    package static let defaultSoftLimit = 1 << 20
    /// Queued bytes above which every frame is refused.
    package static let defaultHardLimit = 8 << 20
    private static let smallestCapacity = 4096
    /// What a queue may keep for good.
    private static let keptCapacity = 64 << 10

    private let softLimit: Int
    private let hardLimit: Int
    /// Whether each frame has a virtio-net header before it, which then says what is still to be done.
    private let hasVirtioHeader: Bool
    /// Whether UDP datagrams joined in one frame may be passed on so, with the header.
    private let cutsDatagrams: Bool
    private var storage = ByteStorage()
    private var head = 0
    private var tail = 0
    /// Where the first record begins that nothing has been taken of. Brought up when something stays behind what is taken.
    private var untouched = 0
    /// The most that was queued since the queue was last empty.
    private var peak = 0
    /// How often in a row the queue was emptied with little in it.
    private var smallPeaks = 0

    package init(
        softLimit: Int = FrameQueue.defaultSoftLimit, hardLimit: Int = FrameQueue.defaultHardLimit,
        hasVirtioHeader: Bool = false, cutsDatagrams: Bool = true
    ) {
        self.softLimit = softLimit
        self.hardLimit = hardLimit
        self.hasVirtioHeader = hasVirtioHeader
        self.cutsDatagrams = cutsDatagrams
    }

    /// Queued bytes, lengths included.
    package var byteCount: Int { tail - head }
    package var isEmpty: Bool { head == tail }
    /// Bytes that held frames may still take.
    package var heldRoom: Int { max(0, hardLimit - byteCount) }
    /// Bytes that ordinary frames may still take.
    package var ordinaryRoom: Int { max(0, softLimit - byteCount) }
    /// What waits. Looks at every record: for those who ask now and then.
    package var depth: QueueDepth {
        var frames = untouched > head ? 1 : 0
        var start = untouched
        while start < tail {
            start += 4 + Int(storage[be32: start])
            frames += 1
        }
        return QueueDepth(frames: frames, byteCount: byteCount)
    }
    /// Bytes of memory in use.
    package var capacity: Int { storage.capacity }

    /// Queues a copy of a frame; see `Port.enqueue`. What is left to do to it is done in the copy, unless a header says it:
    /// a partial checksum is completed, a super-frame is cut into segments, of which all are queued or none.
    package mutating func enqueue(
        _ frame: Span<UInt8>, offload: OffloadDescriptor, urgency: FrameUrgency
    ) -> DropReason? {
        guard frame.count >= Frame.minimumByteCount else { return .malformed }
        guard frame.count <= Frame.maximumByteCount else { return .oversize }
        if offload.segmentation != .none, !passesOn(offload) { return enqueueSegments(frame, offload, urgency) }
        let recordByteCount = 4 + headerByteCount + frame.count
        guard byteCount + recordByteCount <= limit(for: urgency) else { return .queueFull }
        if tail + recordByteCount > storage.capacity { makeRoom(recordByteCount) }
        storage[be32: tail] = UInt32(truncatingIfNeeded: recordByteCount - 4)
        storage.copy(frame, to: tail + 4 + headerByteCount)
        if hasVirtioHeader || !offload.isNone, let reason = finish(frame.count, offload) { return reason }
        tail += recordByteCount
        peak = max(peak, byteCount)
        return nil
    }

    /// Lends all queued bytes.
    package func withBytes<R>(_ body: (Span<UInt8>) -> R) -> R {
        storage.withBytes(head..<tail, body)
    }

    /// Where the record that begins `offset` bytes after the first one lies, without its length; nil at the end.
    /// Offsets are those of `withBytes`.
    package func record(at offset: Int) -> Range<Int>? {
        guard head + offset < tail else { return nil }
        let start = offset + 4
        return start..<(start + Int(storage[be32: head + offset]))
    }

    /// Takes bytes off the front: any number for a stream, whole records otherwise.
    package mutating func removeFirst(_ byteCount: Int) {
        precondition(byteCount >= 0 && byteCount <= self.byteCount)
        head += byteCount
        if head == tail { return restart() }
        while untouched < head { untouched += 4 + Int(storage[be32: untouched]) }
    }

    /// Takes the first record off the front.
    package mutating func removeFirstRecord() {
        guard let record = record(at: 0) else { return }
        removeFirst(record.upperBound)
    }

    /// Forgets everything, and returns how many records that were.
    package mutating func removeAll() -> Int {
        var count = 0
        var offset = 0
        while let record = record(at: offset) {
            offset = record.upperBound
            count += 1
        }
        removeFirst(byteCount)
        return count
    }

    private var headerByteCount: Int { hasVirtioHeader ? VirtioNetHeader.byteCount : 0 }

    @inline(__always)
    private func limit(for urgency: FrameUrgency) -> Int {
        switch urgency {
        case .ordinary: softLimit
        case .held: hardLimit
        }
    }

    /// Whether a frame with this descriptor can stay whole.
    package func passesOn(_ offload: OffloadDescriptor) -> Bool {
        hasVirtioHeader ? cutsDatagrams || offload.segmentation != .udp : offload.isNone
    }

    @inline(never)
    private mutating func enqueueSegments(
        _ frame: Span<UInt8>, _ offload: OffloadDescriptor, _ urgency: FrameUrgency
    ) -> DropReason? {
        let superFrame: SuperFrame
        do throws(WireError) {
            superFrame = try SuperFrame(parsing: frame, offload)
        } catch {
            return .malformed
        }
        let byteCount = superFrame.byteCountOfPieces + (4 + headerByteCount) * superFrame.count
        guard self.byteCount + byteCount <= limit(for: urgency) else { return .queueFull }
        if tail + byteCount > storage.capacity { makeRoom(byteCount) }
        for index in 0..<superFrame.count {
            let segmentByteCount = superFrame.byteCount(of: index)
            let recordByteCount = headerByteCount + segmentByteCount
            storage[be32: tail] = UInt32(truncatingIfNeeded: recordByteCount)
            if hasVirtioHeader { write(VirtioNetHeader(offload: .none)) }
            storage.write(segmentByteCount, at: tail + 4 + headerByteCount) {
                superFrame.write(index, of: frame, to: &$0)
            }
            tail += 4 + recordByteCount
        }
        peak = max(peak, self.byteCount)
        return nil
    }

    /// Says or does what is left to do to the frame that was just copied behind the tail.
    @inline(never)
    private mutating func finish(_ frameByteCount: Int, _ offload: OffloadDescriptor) -> DropReason? {
        if hasVirtioHeader {
            return announce(frameByteCount, offload)
        }
        let start = tail + 4
        return storage.withMutableBytes(start..<(start + frameByteCount)) { offload.complete(&$0) }
    }

    /// Writes the virtio-net header before the frame behind the tail.
    private mutating func announce(_ frameByteCount: Int, _ offload: OffloadDescriptor) -> DropReason? {
        let start = tail + 4 + VirtioNetHeader.byteCount
        let announced = storage.withMutableBytes(start..<(start + frameByteCount)) { offload.announced(in: &$0) }
        guard let announced else { return .malformed }
        write(VirtioNetHeader(offload: announced))
        return nil
    }

    private mutating func write(_ header: VirtioNetHeader) {
        storage.write(VirtioNetHeader.byteCount, at: tail + 4) { header.write(to: &$0) }
    }

    /// Sees to it that `byteCount` bytes fit behind the tail, where they do not.
    @inline(never)
    private mutating func makeRoom(_ byteCount: Int) {
        if head > 0, head >= self.byteCount {
            // No more is moved than was taken before, so that a frame costs the same however long the queue is.
            storage.move(head..<tail, to: 0)
            tail -= head
            untouched -= head
            head = 0
        }
        guard tail + byteCount > storage.capacity else { return }
        storage.resize(to: max(Self.smallestCapacity, storage.capacity * 2, tail + byteCount))
    }

    /// Begins again at the front of the storage, and gives back what bursts do not need any more.
    private mutating func restart() {
        head = 0
        tail = 0
        untouched = 0
        smallPeaks = peak < storage.capacity / 4 ? smallPeaks + 1 : 0
        peak = 0
        guard storage.capacity > Self.keptCapacity else { return }
        // A capacity above the soft limit was needed by a guest that did not read; others come back to theirs.
        if storage.capacity > 2 * softLimit || smallPeaks >= 16 {
            storage.resize(to: 0)
            smallPeaks = 0
        }
    }
}
