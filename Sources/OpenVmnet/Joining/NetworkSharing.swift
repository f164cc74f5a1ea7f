import Synchronization
import VmnetSystem

/// The attach socket of a network that its owner has given away, served by a thread of its own until `stop`.
///
/// It does not keep the network: that ends with its owner, however many have been given it.
final class NetworkSharing: Sendable {
    /// What others have to know.
    let key = NetworkKey()
    private let epoll: Epoll
    private let wakeUp: WakeUp
    /// Until the thread has taken it.
    private let server: Mutex<AttachServer?>
    private let isStopping = Atomic(false)
    private let thread = Mutex<SystemThread?>(nil)

    init(_ network: Network) throws {
        let epoll = try Epoll()
        let wakeUp = try WakeUp()
        let server = try AttachServer(BoundSocket(abstractName: key.socketName), network: network, key: key.key)
        try epoll.add(wakeUp.descriptor, .readable, token: 0)
        try epoll.add(server.descriptor, .readable, token: 1)
        self.epoll = epoll
        self.wakeUp = wakeUp
        self.server = Mutex(server)
        try thread.withLock { $0 = try SystemThread(name: "openvmnet-share") { [self] in run() } }
    }

    /// Hangs up on everybody: guests that came by it leave the network. Waits for the thread to end.
    func stop() {
        isStopping.store(true, ordering: .releasing)
        wakeUp.signal()
        guard let thread = thread.withLock({ $0.take() }) else { return }
        // The last who holds the network may be a client that is served at this moment.
        if thread.isCurrent { thread.detach() } else { thread.join() }
    }

    private func run() {
        guard var server = server.withLock({ $0.take() }) else { return }
        var list = Epoll.EventList(capacity: 2)
        while !isStopping.load(ordering: .acquiring) {
            do throws(SystemError) {
                try epoll.wait(into: &list, timeout: server.isPaused ? .seconds(1) : nil)
            } catch {
                // Only a descriptor that is not an epoll set can cause it.
                preconditionFailure("\(error)")
            }
            if list.count == 0, server.isPaused { server.resume() }
            server.serve()
        }
        server.close()
    }
}
