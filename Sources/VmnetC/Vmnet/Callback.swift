import CVmnet
import OpenVmnet

/// A block of the program's with the queue that it is called on. The last reference gives both up.
///
/// Safety: a pointer to what never changes, freed once.
@safe
final class Callback: @unchecked Sendable {
    /// For a block that goes to the same queue.
    let raw: OpaquePointer

    /// Takes over what C has made.
    init(owning raw: OpaquePointer) { unsafe self.raw = raw }

    deinit {
        // Safety: nobody else has it.
        unsafe ovn_callback_free(raw)
    }

    /// Has `work` run on the queue, after this function has returned and `delay` has passed.
    func schedule(after delay: Duration = .zero, _ work: @escaping @Sendable () -> Void) {
        let context = unsafe Unmanaged.passRetained(Work(keeping: self, work)).toOpaque()
        // Safety: the context is released by the one call of the function below.
        unsafe ovn_callback_schedule(raw, Int64(delay / .nanoseconds(1)), context) { context in
            guard let context = unsafe context else { return }
            unsafe Unmanaged<Work>.fromOpaque(context).takeRetainedValue().run()
        }
    }

    /// What waits on a queue, and the callback whose queue that is.
    private final class Work: Sendable {
        private let callback: Callback
        let run: @Sendable () -> Void

        init(keeping callback: Callback, _ run: @escaping @Sendable () -> Void) {
            self.callback = callback
            self.run = run
        }
    }
}

/// Calls of the block, on this thread, each for blocks of one type. Values are lent for the call.
extension Callback {
    func callStart(_ status: VmnetStatus, _ parameters: XPCObject?) {
        // Safety: the block was given to a function that takes this type.
        withExtendedLifetime(parameters) { unsafe ovn_callback_call_start(raw, status.rawValue, parameters?.lent) }
    }

    func callEvent(_ mask: interface_event_t, _ event: XPCObject) {
        // Safety: the block was given to a function that takes this type.
        withExtendedLifetime(event) { unsafe ovn_callback_call_event(raw, mask, event.lent) }
    }

    func callCompletion(_ status: VmnetStatus) {
        // Safety: the block was given to a function that takes this type.
        unsafe ovn_callback_call_completion(raw, status.rawValue)
    }

    func callRules(_ rules: XPCObject) {
        // Safety: the block was given to a function that takes this type.
        withExtendedLifetime(rules) { unsafe ovn_callback_call_rules(raw, rules.lent) }
    }
}
