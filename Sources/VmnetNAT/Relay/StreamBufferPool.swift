/// The memory in which the connections of one guest keep bytes, and how much of it there may be.
///
/// Charged is what may have pages. Of a stream buffer that is what has been written to once, so that a connection of which
/// little is under way takes little. Of a backlog it is all, from the moment on at which the guest is promised more than
/// the first window: a promise is not taken back because other connections have come first (RFC 9293, 3.8.6). Only where
/// a guest has sent nothing for half a minute it is lent to others that want it.
///
/// What was used last is taken next, because it is still in the processor's cache.
struct StreamBufferPool {
    /// What one guest can have the process hold, whatever it and those that it talks to leave lying: enough for full windows
    /// of 130 connections at a time, and so little that a host survives a few such guests.
    static let byteCount = 256 << 20
    /// So many connections may have something under way to the guest. Each has a page for it at any time, by which it goes
    /// on, if slowly, when nothing else is left.
    static let maximumCount = 4096
    /// Who wants no more than this gets it for as long as there is anything; who wants more leaves an eighth to these. So
    /// connections that come when others hold nearly all are still served well.
    static let smallByteCount = RelayedConnection.firstShare
    /// What is kept for the next connections, one full buffer at least. Of those that are there each has a buffer kept as well: many at a time come to
    /// rest with each acknowledgement, and would have the kernel clear pages for them each time.
    static let keptByteCount = 4 << 20
    private static let keptCount = 256
    private static let keptBacklogCount = 4

    /// What can be lent, and what of it is left to those who want little.
    let capacity: Int
    private let reserve: Int
    private let maximumCount: Int
    /// What is lent, or kept.
    private(set) var lent = 0
    /// Buffers that connections have, and backlogs.
    private var bufferCount = 0
    private var connectionCount = 0
    private var backlogCount = 0
    private var buffers: [StreamBuffer] = []
    private var buffersByteCount = 0
    private var backlogs: [Backlog] = []

    /// - Parameters:
    ///   - byteCount: what all together may hold.
    ///   - maximumCount: how many buffers there may be.
    init(byteCount: Int = StreamBufferPool.byteCount, maximumCount: Int = StreamBufferPool.maximumCount) {
        capacity = max(0, byteCount - maximumCount * StreamBuffer.pageByteCount)
        reserve = byteCount / 8
        self.maximumCount = maximumCount
    }

    /// Buffers and backlogs that connections have.
    var usedCount: Int { bufferCount + backlogCount }

    private var free: Int { capacity - lent }

    // MARK: To the guest

    /// How far a buffer's memory may be written to now; of a new one without `buffer`.
    func reach(of buffer: StreamBuffer?) -> Int {
        let touched = buffer?.touchedByteCount ?? StreamBuffer.pageByteCount
        let most = max(touched + free - reserve, min(touched + free, Self.smallByteCount), touched)
        return min(most, StreamBuffer.byteCount)
    }

    /// An empty buffer, to be charged for after each time that it has been written to; nil when there are too many, or the
    /// host has no memory.
    mutating func takeBuffer() -> StreamBuffer? {
        guard bufferCount < maximumCount else { return nil }
        guard let buffer = buffers.popLast() else {
            guard let buffer = StreamBuffer() else { return nil }
            bufferCount += 1
            return buffer
        }
        bufferCount += 1
        buffersByteCount -= buffer.touchedByteCount
        lent -= StreamBuffer.pageByteCount
        return buffer
    }

    /// Counts what `buffer` has been written to for the first time.
    mutating func charge(_ buffer: StreamBuffer) {
        lent += buffer.touch()
    }

    mutating func put(_ buffer: StreamBuffer) {
        bufferCount -= 1
        buffer.removeAll()
        // Its first page is the connection's no more.
        lent += StreamBuffer.pageByteCount
        buffersByteCount += buffer.touchedByteCount
        buffers.append(buffer)
        trim()
    }

    /// Gives memory back that is not to be kept: with less than half of all left, no more than for the next connections.
    private mutating func trim() {
        while !buffers.isEmpty, !canKeep {
            let oldest = buffers.removeFirst()
            buffersByteCount -= oldest.touchedByteCount
            lent -= oldest.touchedByteCount
        }
    }

    private var canKeep: Bool {
        guard buffers.count <= Self.keptCount, lent <= capacity else { return false }
        return buffersByteCount <= Self.keptByteCount || buffers.count <= connectionCount && lent <= capacity / 2
    }

    // MARK: Connections

    /// A connection has been opened.
    mutating func addConnection() {
        connectionCount += 1
    }

    /// A connection has ended, and has put back what it had.
    mutating func removeConnection() {
        connectionCount -= 1
        trim()
    }

    // MARK: From the guest

    /// Whether `byteCount` more can be kept of what a guest sends.
    func hasRoom(for byteCount: Int) -> Bool {
        byteCount + (byteCount > Self.smallByteCount ? reserve : 0) <= free
    }

    /// Sets memory for a backlog aside; false when there is not so much.
    mutating func reserve(_ byteCount: Int) -> Bool {
        guard hasRoom(for: byteCount) else { return false }
        lent += byteCount
        return true
    }

    /// Gives back what was set aside.
    mutating func release(_ byteCount: Int) {
        lent -= byteCount
    }

    /// Sees to it that the next backlog of `byteCount` can be taken; false when the host has no memory.
    mutating func prepareBacklog(_ byteCount: Int) -> Bool {
        if backlogs.contains(where: { $0.byteCount == byteCount }) { return true }
        guard let backlog = Backlog(byteCount: byteCount) else { return false }
        keep(backlog)
        return true
    }

    /// An empty backlog, for which as much is set aside; nil when the host has no memory.
    mutating func takeBacklog(_ byteCount: Int) -> Backlog? {
        guard let index = backlogs.lastIndex(where: { $0.byteCount == byteCount }) else {
            guard let backlog = Backlog(byteCount: byteCount) else { return nil }
            backlogCount += 1
            return backlog
        }
        backlogCount += 1
        let backlog = backlogs.remove(at: index)
        if backlog.isWritten { lent -= byteCount }
        return backlog
    }

    /// Takes a backlog back. What is set aside for it remains so.
    mutating func put(_ backlog: Backlog) {
        backlogCount -= 1
        backlog.removeAll()
        if backlog.byteCount <= free { keep(backlog) }
    }

    private mutating func keep(_ backlog: Backlog) {
        if backlogs.count == Self.keptBacklogCount {
            let oldest = backlogs.removeFirst()
            if oldest.isWritten { lent -= oldest.byteCount }
        }
        backlogs.append(backlog)
        if backlog.isWritten { lent += backlog.byteCount }
    }
}
