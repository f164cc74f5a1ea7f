import Glibc
import Testing
import VmnetSystem

@testable import VmnetNAT

@Suite struct StreamBufferPoolTests {
    /// Something that can be read without end.
    private final class Zeros {
        // Safety: the name is a C string for the call.
        let descriptor = unsafe open("/dev/zero", O_RDONLY)
        deinit { close(descriptor) }
    }

    /// A buffer that is as full as it may be.
    private func takeFull(_ pool: inout StreamBufferPool, _ zeros: Zeros) throws -> StreamBuffer {
        let taken = pool.takeBuffer()
        let buffer = try #require(taken)
        while true {
            let reach = pool.reach(of: buffer)
            let room = min(StreamBuffer.limit(within: reach) - buffer.count, 65_000)
            guard room > 0 else { return buffer }
            #expect(buffer.receive(from: zeros.descriptor, limit: room, within: reach) == .moved(room))
            pool.charge(buffer)
        }
    }

    @Test func `the buffers and backlogs of a thousand connections stay within the bound, and each has something`()
        throws
    {
        var pool = StreamBufferPool()
        let zeros = Zeros()
        var (buffers, reserved): ([StreamBuffer], [Int]) = ([], [])
        for _ in 0..<1024 {
            buffers.append(try takeFull(&pool, zeros))
            let share = [RelayedConnection.largestShare, RelayedConnection.firstShare].first { pool.reserve($0) }
            if let share { reserved.append(share) }
        }
        #expect(buffers.count { $0.count == RelayedConnection.window } > 50)
        #expect(reserved.count { $0 == RelayedConnection.largestShare } > 100)
        #expect(buffers.allSatisfy { $0.count > 1460 })
        #expect(pool.lent <= pool.capacity && pool.usedCount == 1024)
        let held = buffers.reduce(reserved.reduce(0, +)) { $0 + $1.touchedByteCount }
        // Others may come, and have a page each.
        let pages = (StreamBufferPool.maximumCount - 1024) * StreamBuffer.pageByteCount
        #expect(held + pages <= StreamBufferPool.byteCount)
    }

    @Test func `those who want little get it when those who want more do not`() {
        var pool = StreamBufferPool(maximumCount: 0)
        while pool.reserve(RelayedConnection.largestShare) {}
        #expect(pool.capacity - pool.lent >= pool.capacity / 8)
        #expect(pool.reach(of: nil) == StreamBufferPool.smallByteCount)
        var count = 0
        while pool.reserve(StreamBufferPool.smallByteCount) { count += 1 }
        #expect(count >= 512 && pool.lent <= pool.capacity)
        #expect(pool.reach(of: nil) == StreamBuffer.pageByteCount)
    }

    @Test func `what comes back is kept for the next, up to a few megabytes`() throws {
        var pool = StreamBufferPool()
        let zeros = Zeros()
        let buffers = try (0..<20).map { _ in try takeFull(&pool, zeros) }
        let lent = pool.lent
        for buffer in buffers { pool.put(buffer) }
        #expect(pool.usedCount == 0 && pool.lent < lent / 2 && pool.lent <= StreamBufferPool.keptByteCount)
        let next = pool.takeBuffer()
        #expect(next === buffers.last)
    }

    @Test func `a connection that is there has a buffer kept, while half of all is left`() throws {
        var pool = StreamBufferPool()
        let zeros = Zeros()
        for _ in 0..<20 { pool.addConnection() }
        let buffers = try (0..<20).map { _ in try takeFull(&pool, zeros) }
        let lent = pool.lent
        for buffer in buffers { pool.put(buffer) }
        #expect(pool.usedCount == 0 && pool.lent >= lent)
        for _ in 0..<20 { pool.removeConnection() }
        #expect(pool.lent <= 2 * StreamBuffer.byteCount)

        for _ in 0..<20 { pool.addConnection() }
        let others = try (0..<20).map { _ in try takeFull(&pool, zeros) }
        while pool.lent < pool.capacity / 2, pool.reserve(RelayedConnection.largestShare) {}
        let held = pool.lent
        for buffer in others { pool.put(buffer) }
        #expect(pool.lent < held)
    }

    @Test func `a backlog that has been prepared is the one that is taken, and costs nothing before`() throws {
        var pool = StreamBufferPool()
        for byteCount in [RelayedConnection.firstShare, RelayedConnection.largestShare] {
            let isPrepared = pool.prepareBacklog(byteCount)
            #expect(isPrepared)
        }
        #expect(pool.lent == 0)
        let taken = pool.takeBacklog(64 << 10)
        let backlog = try #require(taken)
        #expect(backlog.byteCount == 64 << 10)
        let bytes: [UInt8] = [1]
        backlog.append(bytes.span)
        pool.put(backlog)
        #expect(pool.lent == 64 << 10)
        let next = pool.takeBacklog(64 << 10)
        #expect(next === backlog && pool.lent == 0)
    }

    @Test func `a pool of nothing serves as many connections as there may be, page by page`() throws {
        var pool = StreamBufferPool(byteCount: 0, maximumCount: 1)
        #expect(!pool.hasRoom(for: 1) && pool.reach(of: nil) == StreamBuffer.pageByteCount)
        let buffer = try takeFull(&pool, Zeros())
        #expect(buffer.count > 1460 && pool.lent == 0)
        let another = pool.takeBuffer()
        #expect(another == nil)
        pool.put(buffer)
        #expect(pool.lent == 0 && pool.usedCount == 0)
    }
}
