import Synchronization

/// The network's end of a `PacketRing`. Records become visible to readers when they are published.
///
/// A class, whose numbers are read and written one at a time: the port's class would have every change of a structure in
/// it looked over while the program runs, for whether another one is under way, and that costs as much as a frame's copy.
final class PacketRingWriter {
    /// What a ring may keep of memory for good, once it is empty.
    private static let keptByteCount = 64 << 10

    let ring: PacketRing
    private let softLimit: Int
    private let hardLimit: Int
    /// Where the next record begins.
    private var position = 0
    /// Packets written.
    private var count = 0
    /// Everything before is free. The readers' position, as far as it was needed, or beyond it when the ring began at 0 again.
    private var freePosition = 0
    /// Up to where memory has been written to since it was last given back.
    private var touchedByteCount = 0
    /// How often in a row the ring began again with little in it.
    private var smallRuns = 0

    /// - Parameter longest: bytes of the longest record.
    init(softLimit: Int, hardLimit: Int, longest: Int) {
        self.softLimit = softLimit
        self.hardLimit = hardLimit
        // What is left free at the end, because a record did not fit there, is less than one record.
        ring = PacketRing(capacity: (hardLimit + 2 * longest + 0xffff) & ~0xffff)
    }

    /// Bytes in use, lengths included.
    var byteCount: Int { position - max(freePosition, ring.consumedPosition.load(ordering: .acquiring)) }
    /// Bytes that held frames may still take.
    var heldRoom: Int { max(0, hardLimit - byteCount) }
    /// Bytes that ordinary frames may still take.
    var ordinaryRoom: Int { max(0, softLimit - byteCount) }

    /// Whether so many bytes may be added, up to either limit.
    @inline(__always)
    func admits(_ byteCount: Int, isHeld: Bool) -> Bool {
        let limit = isHeld ? hardLimit : softLimit
        if position - freePosition + byteCount <= limit { return true }
        freePosition = max(freePosition, ring.consumedPosition.load(ordering: .acquiring))
        return position - freePosition + byteCount <= limit
    }

    /// Where in memory the next record begins, which is of `byteCount` bytes, its length included. They were admitted.
    @inline(__always)
    func place(_ byteCount: Int) -> Int {
        let offset = position % ring.memory.capacity
        if offset > Self.keptByteCount, ring.consumed.load(ordering: .acquiring) == count {
            restart(offset)
            return 0
        }
        guard offset + byteCount > ring.memory.capacity else { return offset }
        touchedByteCount = ring.memory.capacity
        position = ring.roundedUp(position)
        ring.jump.store(count, ordering: .relaxed)
        return 0
    }

    /// Adds the record that was written where `place` said.
    @inline(__always)
    func append(_ byteCount: Int, at offset: Int) {
        ring.memory.setLength(byteCount - 4, at: offset)
        position += byteCount
        count += 1
    }

    /// Shows what was added to the readers.
    func publish() {
        ring.published.store(count, ordering: .releasing)
    }

    /// Begins at 0 again, since everything was read, and gives back what bursts do not need any more.
    @inline(never)
    private func restart(_ offset: Int) {
        touchedByteCount = max(touchedByteCount, offset)
        smallRuns = offset < touchedByteCount / 4 ? smallRuns + 1 : 0
        position = ring.roundedUp(position)
        freePosition = position
        ring.jump.store(count, ordering: .relaxed)
        // More than the soft limit was needed by a guest that did not read; others come back to theirs.
        guard touchedByteCount > 2 * softLimit || smallRuns >= 16 else { return }
        ring.memory.release(from: Self.keptByteCount)
        touchedByteCount = 0
        smallRuns = 0
    }
}
