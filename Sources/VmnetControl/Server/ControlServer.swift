package import OpenVmnet
import Synchronization
import VmnetSystem

/// A network's control socket and attach socket, served by a thread of their own until `stop`.
package final class ControlServer: Sendable {
    private let epoll: Epoll
    private let wakeUp: WakeUp
    /// nil once stopped: its sockets are gone.
    private let loop: Mutex<ControlLoop?>
    private let isStopping = Atomic(false)
    private let thread = Mutex<SystemThread?>(nil)

    /// Binds the sockets, both for this user only, and starts the thread.
    ///
    /// - Throws: `.system` with the reason, such as a socket that another process listens on.
    package init(_ network: ControlledNetwork) throws(VmnetError) {
        do {
            let epoll = try Epoll()
            let wakeUp = try WakeUp()
            try epoll.add(wakeUp.descriptor, .readable, token: ControlWakeSource.wakeUp.token)
            loop = Mutex(try ControlLoop(network, epoll))
            self.epoll = epoll
            self.wakeUp = wakeUp
            try thread.withLock { $0 = try SystemThread(name: "openvmnet-ctl") { [self] in run() } }
        } catch {
            throw VmnetError(error)
        }
    }

    /// Hangs up on everybody and removes the sockets. Waits for the thread to end.
    package func stop() {
        isStopping.store(true, ordering: .releasing)
        wakeUp.signal()
        thread.withLock { $0.take() }?.join()
        loop.withLock { $0 = nil }
    }

    private func run() {
        loop.withLock { loop in
            while !isStopping.load(ordering: .acquiring) {
                do {
                    try loop?.turn(epoll)
                } catch {
                    // Only a descriptor that is not an epoll set can cause it.
                    preconditionFailure("\(error)")
                }
            }
        }
    }
}
