import Synchronization
import VmnetSystem

/// A network's state behind its lock, and what its thread does with it.
///
/// Every batch is handled with the lock held. Whom it has brought packets for is told afterwards, without.
final class NetworkLoop: Sendable {
    let state: Mutex<NetworkState>
    let events: NetworkEvents
    private let isStopping = Atomic(false)

    init(_ state: consuming sending NetworkState, _ events: NetworkEvents) {
        self.state = Mutex(state)
        self.events = events
    }

    /// Runs until `stop`.
    func run() {
        var list = Epoll.EventList()
        var polling = BusyPolling()
        var batch = Batch(timeout: nil, byteCount: 0)
        while !isStopping.load(ordering: .acquiring) {
            polling.wait(for: &list, on: events.epoll, timeout: batch.timeout, afterBytes: batch.byteCount)
            batch = handle(list)
        }
    }

    /// Waits, and handles what has happened as one batch.
    ///
    /// - Returns: how long the next turn may wait; nil = until something happens.
    func turn(_ list: inout Epoll.EventList, timeout: Duration?) -> Duration? {
        events.epoll.fill(&list, timeout: timeout)
        return handle(list).timeout
    }

    /// What is left of a batch that has been handled.
    private struct Batch {
        /// How long the thread may wait now; nil = until something happens.
        let timeout: Duration?
        /// Bytes of frames that it has brought from guests and to them.
        let byteCount: Int
    }

    private func handle(_ list: borrowing Epoll.EventList) -> Batch {
        let (batch, announcements, reopening) = state.withLock { state in
            state.handle(list)
            let announcements = state.takeAnnouncements()
            let reopening = state.uplink?.takeReopening()
            let batch = Batch(timeout: state.fallAsleep(), byteCount: state.takeByteCount())
            return (batch, announcements, reopening)
        }
        announce(announcements)
        guard let reopening else { return batch }
        reopen(reopening)
        return Batch(timeout: .zero, byteCount: batch.byteCount)
    }

    /// Opens the interface of a bridged network again, without the lock: it may take a process of its own.
    private func reopen(_ reopening: Uplink.Reopening) {
        var socket: PacketSocket?
        var failure: SystemError?
        do throws(SystemError) {
            socket = try reopening.source.open(reopening.request)
        } catch {
            failure = error
        }
        state.withLock { $0.reopenUplink(socket.take(), failure) }
    }

    /// Tells programs of packets that have come for them. The lock is not held.
    func announce(_ announcements: [Announcement]) {
        for announcement in announcements where announcement.announcer.announce() {
            events.attend(to: announcement.port)
        }
    }

    /// Ends the thread, detaches everybody and writes the leases; the first time it is called.
    func stop(_ thread: consuming SystemThread?) {
        guard !isStopping.exchange(true, ordering: .acquiringAndReleasing) else { return }
        events.wake()
        if let thread = consume thread {
            // A program may let go of its network where it is told of packets.
            if thread.isCurrent { thread.detach() } else { thread.join() }
        }
        state.withLock { state in
            let block = BrokenPipeBlock()
            state.close()
            _ = consume block
        }
    }
}
