import Glibc
import Synchronization
import VmnetPorts
import VmnetSwitch
import VmnetSystem

/// Tells a program of packets that wait at its interface: by a call, one at a time, on whichever thread has brought them;
/// and by a descriptor. It never does when none wait.
///
/// A call made while another one runs, on whatever thread, is made after that one, by the same thread.
final class PacketAnnouncer: Sendable {
    typealias Handler = @Sendable (_ estimatedPackets: Int) -> Void

    /// What one thread calls in a row, before the network's thread goes on.
    private static let mostCalls = 16
    private static let shortestInterval = 5
    private static let longestInterval = 320

    fileprivate struct State: ~Copyable {
        var handler: Handler?
        /// The thread that makes the calls now.
        var caller: pthread_t?
        /// Whether there has been news since the call began that runs now.
        var isCallDue = false
        var isStopped = false
        /// Made when somebody asks for it.
        var signal: WakeUp?
        var isSignalled = false
    }

    private let ring: PacketRing
    private let state = Mutex(State())
    /// Held during each call, for those who have to know that it has ended.
    private let call = Mutex(())
    private let isHeard = Atomic(false)
    /// Milliseconds until the program is told again.
    private let interval = Atomic(PacketAnnouncer.shortestInterval)

    init(_ ring: PacketRing) {
        self.ring = ring
    }

    /// Whether somebody wants to know.
    var hasListeners: Bool { isHeard.load(ordering: .acquiring) }

    /// Whether any wait.
    var hasPackets: Bool { ring.waitingCount > 0 }

    /// Whether somebody is to be told again who does not read: a descriptor stays readable by itself.
    var reminds: Bool { state.withLock { $0.handler != nil } }

    /// How long until then.
    var reminderInterval: Duration { .milliseconds(interval.load(ordering: .relaxed)) }

    /// Has the program told again later the next time.
    func lengthenInterval() {
        let longer = min(interval.load(ordering: .relaxed) * 2, Self.longestInterval)
        interval.store(longer, ordering: .relaxed)
    }

    /// Has it told again soon, since it reads. Returns whether that is sooner than it was to be.
    func shortenInterval() -> Bool {
        interval.load(ordering: .relaxed) > Self.shortestInterval
            && interval.exchange(Self.shortestInterval, ordering: .relaxed) > Self.shortestInterval
    }

    /// Whom to call from now on; nil = nobody. Returns when no call of the handler before begins any more; one that runs on
    /// another thread has ended then.
    func setHandler(_ handler: Handler?) {
        // The old one is released without the lock: whatever it owns may call here.
        let (old, caller) = state.withLock { state in
            let old = state.handler
            state.handler = state.isStopped ? nil : handler
            isHeard.store(state.handler != nil || state.signal != nil, ordering: .releasing)
            return (old, state.caller)
        }
        _ = shortenInterval()
        if let caller, pthread_equal(caller, pthread_self()) == 0 { call.withLock { _ in } }
        withExtendedLifetime(old) {}
    }

    /// As `setHandler(nil)`, for good.
    func stop() {
        state.withLock { $0.isStopped = true }
        setHandler(nil)
    }

    /// Readable while packets wait.
    func descriptor() throws(SystemError) -> Int32 {
        try state.withLock { state throws(SystemError) in
            if state.signal == nil {
                state.signal = try WakeUp()
                isHeard.store(true, ordering: .releasing)
            }
            state.show(ring.waitingCount)
            switch state.signal {
            case .some(let signal): return signal.descriptor
            case nil: preconditionFailure("it was just made")
            }
        }
    }

    /// Brings the descriptor up to date after a read.
    func noteRead() {
        guard hasListeners else { return }
        state.withLock { $0.show(ring.waitingCount) }
    }

    /// Says that there is news. Returns whether there is more than one thread should tell: let the network's go on.
    func announce() -> Bool {
        let begins = state.withLock { state in
            state.show(ring.waitingCount)
            guard state.handler != nil else { return false }
            guard state.caller == nil else {
                state.isCallDue = true
                return false
            }
            state.caller = pthread_self()
            return true
        }
        guard begins else { return false }
        for _ in 0..<Self.mostCalls {
            callHandler()
            if endCall() { return false }
        }
        state.withLock { $0.caller = nil }
        return true
    }

    private func callHandler() {
        call.withLock { _ in
            let waiting = ring.waitingCount
            guard waiting > 0, let handler = state.withLock({ $0.handler }) else { return }
            handler(waiting)
        }
    }

    /// Whether nothing has happened since the call began.
    private func endCall() -> Bool {
        state.withLock { state in
            let isLast = !state.isCallDue
            state.isCallDue = false
            if isLast { state.caller = nil }
            return isLast
        }
    }
}

extension PacketAnnouncer.State {
    /// Makes the descriptor readable or not, where there is one.
    fileprivate mutating func show(_ waiting: Int) {
        guard isSignalled != (waiting > 0) else { return }
        switch signal {
        case .some(let signal): waiting > 0 ? signal.signal() : signal.consume()
        case nil: return
        }
        isSignalled = waiting > 0
    }
}

/// A program is to be told of packets at a port.
struct Announcement: Sendable {
    let port: PortID
    let announcer: PacketAnnouncer
}
