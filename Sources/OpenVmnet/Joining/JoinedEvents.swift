import VmnetSystem

/// What the thread of an interface on another process's network waits for.
final class JoinedEvents: Sendable {
    let epoll: Epoll
    private let wakeUp: WakeUp

    init() throws(SystemError) {
        epoll = try Epoll()
        wakeUp = try WakeUp()
        try epoll.add(wakeUp.descriptor, .readable, token: JoinedWakeSource.wakeUp.rawValue)
    }

    /// Makes the thread look around.
    func wake() {
        wakeUp.signal()
    }

    /// Makes it sleep again after `wake`.
    func acknowledgeWake() {
        wakeUp.consume()
    }
}
