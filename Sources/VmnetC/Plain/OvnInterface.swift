import CVmnet
import OpenVmnet
import Synchronization

/// An interface as C programs hold it: `ovn_interface` is a reference to one.
final class OvnInterface: Sendable {
    let interface: Interface
    /// Kept running.
    private let network: SharedNetwork
    private let isStopped = Atomic(false)

    init(_ interface: Interface, on network: SharedNetwork) {
        self.interface = interface
        self.network = network
    }

    deinit {
        // Before the network ends.
        stop()
    }

    func stop() {
        isStopped.store(true, ordering: .releasing)
        interface.stop()
    }

    /// - Throws: `.stopped` when it is.
    func checkRunning() throws(VmnetError) {
        guard !isStopped.load(ordering: .acquiring) else {
            throw VmnetError(.stopped, "the interface is stopped", hint: "start another one with the same id")
        }
    }

    /// What a reference leads to.
    static func lent(_ reference: OpaquePointer?) throws(VmnetError) -> OvnInterface {
        guard let reference = unsafe reference else { throw .null("interface") }
        // Safety: every reference comes from `owned`, and whoever passes one holds it.
        return unsafe Unmanaged<OvnInterface>.fromOpaque(UnsafeRawPointer(reference)).takeUnretainedValue()
    }

    /// The program's reference.
    var owned: OpaquePointer { unsafe OpaquePointer(Unmanaged.passRetained(self).toOpaque()) }
}

/// A handler of a C program's with its context, which is given back when no call can begin or runs any more.
///
/// Safety: the program says that its context may be used from any thread.
@safe
final class EventHandler: @unchecked Sendable {
    private let handler: ovn_event_handler
    private let context: UnsafeMutableRawPointer?
    private let release: ovn_context_release?

    init(_ handler: ovn_event_handler, _ context: UnsafeMutableRawPointer?, _ release: ovn_context_release?) {
        unsafe self.handler = handler
        unsafe self.context = context
        unsafe self.release = release
    }

    deinit {
        // Safety: nobody can call the handler any more.
        unsafe release?(context)
    }

    func call(waiting count: Int) {
        // Safety: the context is given back by `deinit`.
        unsafe handler(context, count)
    }
}
