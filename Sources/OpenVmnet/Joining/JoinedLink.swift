import Synchronization
import VmnetSystem
import VmnetWire

/// An interface of a network in another process, with a thread of its own. It does not keep that network.
final class JoinedLink: InterfaceLink {
    private let loop: JoinedLoop
    private let thread: Mutex<SystemThread?>

    init(_ loop: JoinedLoop) throws(SystemError) {
        self.loop = loop
        thread = Mutex(try SystemThread(name: "openvmnet-join") { loop.run() })
    }

    func send(
        _ body: (_ send: @escaping (Span<UInt8>, OffloadDescriptor) -> Void) throws(VmnetError) -> Void
    ) throws(VmnetError) {
        var failure: VmnetError?
        withoutActuallyEscaping({ send in
            do throws(VmnetError) {
                try body(send)
            } catch {
                failure = error
            }
        }) { (body: @escaping (@escaping (Span<UInt8>, OffloadDescriptor) -> Void) -> Void) in
            let batch = LentBatch(body: body)
            loop.state.withLock { $0.send(batch.body) }
        }
        if let failure { throw failure }
    }

    func attend() {
        loop.attend()
    }

    var counters: TrafficCounters { TrafficCounters(loop.state.withLock { $0.counters }) }

    func addForward(_ forward: PortForward) throws(VmnetError) -> PortForward {
        try loop.addForward(forward)
    }

    func removeForward(_ forward: PortForward) throws(VmnetError) {
        try loop.removeForward(forward)
    }

    func close() {
        loop.stop()
        guard let thread = thread.withLock({ $0.take() }) else { return }
        // A program may let go of its interface where it is told of packets.
        if thread.isCurrent { thread.detach() } else { thread.join() }
    }
}
