import CLinux
import Glibc

/// An epoll set whose members are known by their descriptors.
@safe struct Poller {
    private let descriptor: Int32
    private var events = unsafe [epoll_event](repeating: epoll_event(), count: 512)

    init() throws(SystemFailure) {
        descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard descriptor >= 0 else { throw SystemFailure("epoll_create1") }
    }

    /// Level-triggered: to read, or to write as well.
    func watch(_ member: Int32, forWriting: Bool = false) {
        control(EPOLL_CTL_ADD, member, forWriting)
    }

    func change(_ member: Int32, forWriting: Bool) {
        control(EPOLL_CTL_MOD, member, forWriting)
    }

    private func control(_ operation: Int32, _ member: Int32, _ forWriting: Bool) {
        var event = unsafe epoll_event()
        unsafe event.events = (forWriting ? EPOLLOUT : EPOLLIN).rawValue
        unsafe event.data.fd = member
        // Safety: the kernel reads one event.
        _ = unsafe epoll_ctl(descriptor, operation, member, &event)
    }

    /// Waits at most `milliseconds`, and gives the members with something to do.
    mutating func wait(_ milliseconds: Int) -> [Int32] {
        // Safety: no more events are written than there is room for, and the count says how many.
        let count = unsafe epoll_wait(descriptor, &events, Int32(events.count), Int32(milliseconds))
        return unsafe events.prefix(max(0, Int(count))).map { unsafe $0.data.fd }
    }
}
