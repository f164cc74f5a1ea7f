import VmnetSystem

/// Something that one thread waits for and another says.
struct OneTimeEvent: Sendable {
    private let descriptor: OwnedEvent

    init() {
        do { descriptor = try OwnedEvent() } catch { fatalError("\(error)") }
    }

    func signal() { descriptor.wakeUp.signal() }

    func wait() {
        do {
            let epoll = try Epoll()
            try epoll.add(descriptor.wakeUp.descriptor, .readable, token: 0)
            var list = Epoll.EventList(capacity: 1)
            try epoll.wait(into: &list, timeout: nil)
        } catch {
            fatalError("\(error)")
        }
    }
}

final class OwnedEvent: Sendable {
    let wakeUp: WakeUp

    init() throws { wakeUp = try WakeUp() }
}
