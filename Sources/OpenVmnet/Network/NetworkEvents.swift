import VmnetSystem

/// What a network's thread waits for. Any thread may change it; only the network's own waits.
final class NetworkEvents: Sendable {
    let epoll: Epoll
    private let wakeUp: WakeUp

    init() throws(SystemError) {
        epoll = try Epoll()
        wakeUp = try WakeUp()
        try epoll.add(wakeUp.descriptor, .readable, token: WakeSource.wakeUp.token)
    }

    /// Makes the network's thread look around.
    func wake() {
        wakeUp.signal()
    }

    /// Makes it sleep again after `wake`.
    func acknowledgeWake() {
        wakeUp.consume()
    }
}
