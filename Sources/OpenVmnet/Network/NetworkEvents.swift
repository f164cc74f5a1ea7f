import Synchronization
import VmnetSwitch
import VmnetSystem

/// What a network's thread waits for. Any thread may change it; only the network's own waits.
final class NetworkEvents: Sendable {
    let epoll: Epoll
    private let wakeUp: WakeUp
    /// Ports that the network's thread is to look at.
    private let requests = Mutex<[PortID]>([])

    init() throws(SystemError) {
        epoll = try Epoll()
        wakeUp = try WakeUp()
        try epoll.add(wakeUp.descriptor, .readable, token: WakeSource.wakeUp.token)
    }

    /// Makes the network's thread look around.
    func wake() {
        wakeUp.signal()
    }

    /// Makes it look at a port whose guest is in this process.
    func attend(to port: PortID) {
        requests.withLock { requests in
            if !requests.contains(port) { requests.append(port) }
        }
        wake()
    }

    /// The ports that it was asked to look at.
    func takeRequests() -> [PortID] {
        requests.withLock { requests in
            defer { requests.removeAll() }
            return requests
        }
    }

    /// Makes it sleep again after `wake`.
    func acknowledgeWake() {
        wakeUp.consume()
    }
}
