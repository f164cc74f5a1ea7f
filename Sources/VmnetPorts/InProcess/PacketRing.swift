import Synchronization

/// The packets that wait for an interface of this process: a ring that the network fills with its lock held, and the
/// interface's readers empty without it. Neither ever waits for the other.
///
/// ```
///   0                                    capacity
///   +-----------------------------------------+
///   |  (free)  [length][packet][length]..     |   a record that does not fit before the end begins at 0
///   +----------^----------------------^-------+
///              readers' position      writer's position
/// ```
///
/// Positions grow for ever; where one is in memory is its remainder by the capacity. A record that begins anew at 0 while
/// there is room behind the last one is made known by its number, which packets get in order.
package final class PacketRing: Sendable {
    /// Where the readers are.
    private struct Reader {
        var position = 0
        /// Packets read.
        var count = 0
    }

    let memory: RingMemory
    /// Packets that may be read, of all that ever were.
    let published = Atomic(0)
    /// Packets that have been read.
    let consumed = Atomic(0)
    /// Everything before may be written again.
    let consumedPosition = Atomic(0)
    /// The number of the packet that began at 0 last. No other one does before that one was read.
    let jump = Atomic(-1)
    /// Whether the network waits for room.
    let isRoomAwaited = Atomic(false)
    private let reader = Mutex(Reader())

    init(capacity: Int) {
        memory = RingMemory(capacity: capacity)
    }

    /// Packets that wait.
    package var waitingCount: Int {
        // What has been read is looked at first: what is published can only have grown since.
        let consumed = consumed.load(ordering: .acquiring)
        return published.load(ordering: .acquiring) - consumed
    }

    /// What a read has done.
    package struct Reading: Equatable, Sendable {
        /// Packets taken.
        package let count: Int
        /// Whether the network waits for the room that it made.
        package let isRoomAwaited: Bool
    }

    /// Lends up to `limit` packets to `body`, oldest first; the first that it does not take stays, with all behind it.
    ///
    /// `body` must not read from this ring.
    package func read(upTo limit: Int, _ body: (_ index: Int, _ packet: Span<UInt8>) -> Bool) -> Reading {
        reader.withLock { reader in
            let first = reader.count
            let end = min(published.load(ordering: .acquiring), first + max(0, limit))
            while reader.count < end {
                if jump.load(ordering: .relaxed) == reader.count { reader.position = roundedUp(reader.position) }
                let offset = reader.position % memory.capacity
                let length = memory.length(at: offset)
                let start = offset + 4
                let index = reader.count - first
                guard memory.withBytes(start..<(start + length), { body(index, $0) }) else { break }
                reader.position += 4 + length
                reader.count += 1
            }
            let count = reader.count - first
            guard count > 0 else { return Reading(count: 0, isRoomAwaited: false) }
            consumed.store(reader.count, ordering: .releasing)
            consumedPosition.store(reader.position, ordering: .sequentiallyConsistent)
            let isRoomAwaited =
                isRoomAwaited.load(ordering: .sequentiallyConsistent)
                && isRoomAwaited.exchange(false, ordering: .sequentiallyConsistent)
            return Reading(count: count, isRoomAwaited: isRoomAwaited)
        }
    }

    /// The next position that is at 0.
    func roundedUp(_ position: Int) -> Int {
        let remainder = position % memory.capacity
        return remainder == 0 ? position : position + memory.capacity - remainder
    }
}
