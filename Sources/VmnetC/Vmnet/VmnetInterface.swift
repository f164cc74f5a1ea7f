import CVmnet
import Glibc
import OpenVmnet
import Synchronization

/// An interface as C programs hold it: `interface_ref` is a reference to one, from the start to the completion of the stop.
final class VmnetInterface: Sendable {
    /// How long the completion of a start is held back, and again, so that the program has stored the reference that the
    /// start returns before its block uses it.
    static let completionDelay = Duration.milliseconds(2)

    private enum Phase {
        /// The program has not been told yet; reads and writes have to wait for that.
        case starting
        case running
        /// The start failed. All that can be done is to stop.
        case failed
        case stopping
    }

    private struct State {
        var phase: Phase
        /// nil when the start failed, and once the interface is stopped: whoever has it keeps the network running.
        var attachment: NetworkAttachment?
        var registration: EventRegistration?
        /// Blocks that have begun, or have to be called before the interface ends.
        var blocksOnTheirWay = 0
        /// Threads that are inside a block, once for each.
        var threadsInBlocks: [pthread_t] = []
        /// Blocks that the interface was stopped from, which may be waiting for the completion.
        var excusedBlocks = 0
        var stopCompletion: Callback?
    }

    /// What the interface was started with; blocks without a queue of their own go to its queue.
    let startCallback: Callback
    private let state: Mutex<State>
    /// Held while a registration takes the place of another, here and at the interface.
    private let registering = Mutex(())

    /// An interface whose start's outcome the program is told in a moment.
    ///
    /// - Parameter parameters: nil when the start failed.
    init(
        _ attachment: NetworkAttachment?, status: VmnetStatus, parameters: XPCObject?, completion: Callback
    ) {
        startCallback = completion
        let phase: Phase = attachment == nil ? .failed : .starting
        state = Mutex(State(phase: phase, attachment: attachment, blocksOnTheirWay: 1))
        completeStart(status, parameters, caller: ovn_calling_thread_mark())
    }

    /// Tells the program that the interface has started, or why not, as soon as the thread that has started it has the
    /// reference.
    private func completeStart(_ status: VmnetStatus, _ parameters: XPCObject?, caller: ovn_calling_thread) {
        startCallback.schedule(after: Self.completionDelay) { [self] in
            guard ovn_calling_thread_has_gone_on(caller) else {
                return completeStart(status, parameters, caller: caller)
            }
            state.withLock { state in
                if state.phase == .starting { state.phase = .running }
            }
            finishBlock { startCallback.callStart(status, parameters) }
        }
    }

    /// The network's end of it.
    ///
    /// - Throws: `.stopped` unless the interface runs.
    func running() throws(VmnetError) -> NetworkAttachment {
        guard let attachment = state.withLock({ $0.phase == .running ? $0.attachment : nil }) else {
            throw VmnetError(
                .stopped, "the interface is not running",
                hint: "use it from the start's completion with VMNET_SUCCESS to vmnet_stop_interface")
        }
        return attachment
    }
}

/// Events.
extension VmnetInterface {
    /// Puts the callback in place of the one before; nil = no events.
    func setEventCallback(_ callback: Callback?) throws(VmnetError) {
        try registering.withLock { _ throws(VmnetError) in
            let interface = try running().interface
            let registration = callback.map { EventRegistration($0) }
            state.withLock { $0.registration = registration }
            guard let registration else { return interface.setEventHandler(nil) }
            interface.setEventHandler { [weak self, registration] _ in
                registration.announce { [weak self] registration in self?.deliver(registration) }
            }
        }
    }

    /// Tells the program of packets that wait, unless it has read them, or changed its mind, since they were announced.
    private func deliver(_ registration: EventRegistration) {
        guard let interface = begin(registration) else { return }
        finishBlock {
            let count = interface.waitingPacketCount
            if count > 0 { registration.call(waiting: count) }
        }
    }

    private func begin(_ registration: EventRegistration) -> Interface? {
        state.withLock { state in
            guard state.phase == .running, state.registration === registration else { return nil }
            state.blocksOnTheirWay += 1
            return state.attachment?.interface
        }
    }
}

/// Blocks that are called once, and the stop that waits for them.
extension VmnetInterface {
    /// Has a block called on the interface's queue; a stop is complete after it.
    func schedule(_ callback: Callback, _ call: @escaping @Sendable (Callback) -> Void) {
        state.withLock { $0.blocksOnTheirWay += 1 }
        callback.schedule { [self] in
            finishBlock { call(callback) }
        }
    }

    /// Takes the interface off its network, and tells the program when nothing of it is on its way any more.
    ///
    /// - Throws: `.stopped` when that has begun already.
    func stop(_ completion: Callback) throws(VmnetError) {
        let isFirst = state.withLock { state in
            guard state.phase != .stopping else { return false }
            state.phase = .stopping
            state.registration = nil
            state.excusedBlocks = state.threadsInBlocks.count { $0 == pthread_self() }
            // The stop itself.
            state.blocksOnTheirWay += 1
            state.stopCompletion = completion
            return true
        }
        guard isFirst else { throw VmnetError(.stopped, "the interface is stopped already") }
        finishBlock { leaveNetwork() }
    }

    /// The network may end with it, so nobody here keeps it when the program is told.
    private func leaveNetwork() {
        state.withLock { $0.attachment.take() }?.end()
    }

    /// Runs what is on its way; the last one completes the stop.
    private func finishBlock(_ block: () -> Void) {
        state.withLock { $0.threadsInBlocks.append(pthread_self()) }
        block()
        let completion = state.withLock { state -> Callback? in
            if let index = state.threadsInBlocks.firstIndex(of: pthread_self()) {
                state.threadsInBlocks.remove(at: index)
            }
            state.blocksOnTheirWay -= 1
            guard state.blocksOnTheirWay <= state.excusedBlocks else { return nil }
            return state.stopCompletion.take()
        }
        completion?.schedule { [self] in
            completion?.callCompletion(.success)
            release()
        }
    }
}

/// References that C programs hold.
extension VmnetInterface {
    /// What a reference leads to.
    static func lent(_ reference: interface_ref?) -> VmnetInterface? {
        // Safety: every interface_ref comes from `owned`, and is the program's until the stop is complete.
        unsafe reference.map { unsafe Unmanaged<VmnetInterface>.fromOpaque(UnsafeRawPointer($0)).takeUnretainedValue() }
    }

    /// The program's reference.
    var owned: interface_ref { unsafe OpaquePointer(Unmanaged.passRetained(self).toOpaque()) }

    /// Gives up the program's reference.
    private func release() {
        // Safety: retained by `owned`; called once, when the program has been told that the stop is complete.
        unsafe Unmanaged.passUnretained(self).release()
    }
}
