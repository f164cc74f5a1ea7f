import Synchronization
import VmnetPorts
import VmnetSwitch
import VmnetSystem
import VmnetWire

/// What programs in this process do to their network, on threads of their own.
extension NetworkLoop {
    /// Sends what `body` gives to the closure that it gets, and lets the network's thread sleep unless it is needed.
    func send(
        from port: PortID, _ body: (@escaping (Span<UInt8>, OffloadDescriptor) -> Void) throws(VmnetError) -> Void
    ) throws(VmnetError) {
        var failure: VmnetError?
        let (isThere, announcements, isWakeDue) = withoutActuallyEscaping({ send in
            do throws(VmnetError) {
                try body(send)
            } catch {
                failure = error
            }
        }) { (body: @escaping (@escaping (Span<UInt8>, OffloadDescriptor) -> Void) -> Void) in
            let batch = LentBatch(body: body)
            return state.withLock { state in
                let isThere = state.send(from: port, batch.body)
                return (isThere, state.takeAnnouncements(), state.isWakeDue())
            }
        }
        if isWakeDue { events.wake() }
        announce(announcements)
        guard isThere else { throw .stopped }
        if let failure { throw failure }
    }

    /// Takes a guest off the network. Returns whether it was there.
    @discardableResult
    func detach(_ port: PortID) -> Bool {
        state.withLock { state in
            // Its connections end.
            let block = BrokenPipeBlock()
            let wasThere = state.detach(port)
            _ = consume block
            return wasThere
        }
    }
}

extension VmnetError {
    /// What an interface's calls throw after `stop`.
    static var stopped: VmnetError {
        VmnetError(.stopped, "the interface has been stopped", hint: "make a new one with the same id")
    }
}

/// What gives the frames of a batch. It is called on the thread that made it, with the lock held, and nothing of it is kept
/// in what the lock guards: that is what makes this Sendable.
struct LentBatch: @unchecked Sendable {
    let body: (@escaping (Span<UInt8>, OffloadDescriptor) -> Void) -> Void
}
