import CVmnet
import Synchronization

/// A program's wish to be told of packets: at most one call at a time is on its way, and none is lost.
final class EventRegistration: Sendable {
    private enum Phase {
        case idle
        /// A call waits on the program's queue.
        case queued
        /// The call looks whether there is something to tell, or tells it.
        case running
        /// The same, and packets have come since it looked.
        case runningWithNews
    }

    private let callback: Callback
    private let phase = Mutex(Phase.idle)

    init(_ callback: Callback) {
        self.callback = callback
    }

    /// Has `deliver` run on the program's queue, unless that is about to happen.
    func announce(_ deliver: @escaping @Sendable (EventRegistration) -> Void) {
        let isDue = phase.withLock { phase in
            switch phase {
            case .idle:
                phase = .queued
                return true
            case .running:
                phase = .runningWithNews
                return false
            case .queued, .runningWithNews:
                return false
            }
        }
        guard isDue else { return }
        callback.schedule { [self] in
            phase.withLock { $0 = .running }
            deliver(self)
            let hasNews = phase.withLock { phase in
                defer { phase = .idle }
                return phase == .runningWithNews
            }
            if hasNews { announce(deliver) }
        }
    }

    /// Calls the program, on this thread.
    func call(waiting count: Int) {
        let event = XPCObject.dictionary()
        // Safety: the key is a constant.
        unsafe event.set(vmnet_estimated_packets_available_key, .uint64(count))
        callback.callEvent(interface_event_t(VMNET_INTERFACE_PACKETS_AVAILABLE), event)
    }
}
