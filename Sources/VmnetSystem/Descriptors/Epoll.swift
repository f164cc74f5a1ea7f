import CVmnetLinux
import Glibc
import SystemPackage

/// A set of descriptors to wait for. The corresponding C calls are `epoll_create1`, `epoll_ctl` and `epoll_wait`.
///
/// Any thread may change the set while another waits on it. The set does not own the descriptors in it: remove one
/// before it is closed, because a duplicate of it elsewhere keeps it in the set. A set's own descriptor may be added
/// to another set, where it is readable as long as something in it is ready.
package struct Epoll: ~Copyable, Sendable {
    private let epoll: Descriptor

    package init() throws(SystemError) {
        epoll = Descriptor(
            owning: try SystemCall.run("create an epoll set") { epoll_create1(Int32(EPOLL_CLOEXEC)) })
    }

    /// The set's own descriptor, for nesting it in another.
    package var descriptor: Int32 { epoll.raw }

    /// Watches `descriptor`, which is not in the set yet. `token` comes back with each of its events.
    ///
    /// `.hangUp` and `.error` are always reported. Throws EPERM for a regular file, which cannot be waited for.
    package borrowing func add(_ descriptor: Int32, _ events: EventMask, token: UInt64) throws(SystemError) {
        try control(EPOLL_CTL_ADD, descriptor, events, token, "add descriptor \(descriptor) to an epoll set")
    }

    /// Changes what is watched of a descriptor in the set, and its token.
    package borrowing func modify(_ descriptor: Int32, _ events: EventMask, token: UInt64) throws(SystemError) {
        try control(EPOLL_CTL_MOD, descriptor, events, token, "change descriptor \(descriptor) in an epoll set")
    }

    /// Watches a descriptor no longer. Events of it that a wait has already returned remain in that wait's list.
    package borrowing func remove(_ descriptor: Int32) throws(SystemError) {
        try control(EPOLL_CTL_DEL, descriptor, [], 0, "remove descriptor \(descriptor) from an epoll set")
    }

    /// Waits until something is ready, and fills `list` with as many events as it has room for.
    ///
    /// - Parameters:
    ///   - list: the caller's, one per waiting thread, used again and again.
    ///   - timeout: rounded up to whole milliseconds; nil waits for ever, zero does not wait.
    ///
    /// The list is empty after the timeout, and may be before it: a process that was stopped and continued wakes up.
    package borrowing func wait(into list: inout EventList, timeout: Duration?) throws(SystemError) {
        list.fill(count: 0)
        let epoll = epoll.raw
        // Safety: the list owns room for `capacity` events.
        let count = unsafe epoll_wait(epoll, list.storage, Int32(list.capacity), Self.milliseconds(timeout))
        if count >= 0 {
            list.fill(count: Int(count))
        } else if errno != EINTR {
            throw SystemError("wait on an epoll set", Errno(rawValue: errno))
        }
    }

    private borrowing func control(
        _ operation: Int32, _ descriptor: Int32, _ events: EventMask, _ token: UInt64,
        _ name: @autoclosure () -> String
    ) throws(SystemError) {
        let epoll = epoll.raw
        // Safety: a union of which only the integer is ever used.
        var event = unsafe epoll_event(events: events.rawValue, data: epoll_data_t(u64: token))
        try SystemCall.run(name()) {
            // Safety: the kernel copies the event during the call.
            unsafe epoll_ctl(epoll, operation, descriptor, &event)
        }
    }

    private static func milliseconds(_ timeout: Duration?) -> Int32 {
        guard let timeout else { return -1 }
        guard timeout > .zero else { return 0 }
        guard timeout < .milliseconds(Int32.max) else { return .max }
        let (seconds, attoseconds) = timeout.components
        return Int32(seconds) * 1000 + Int32((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}

extension Epoll {
    /// What to wait for, and what has happened.
    package struct EventMask: OptionSet, Sendable {
        package let rawValue: UInt32

        package init(rawValue: UInt32) {
            self.rawValue = rawValue
        }

        /// There is something to read, or the end of the stream.
        package static let readable = EventMask(rawValue: EPOLLIN.rawValue)
        /// There is room to write.
        package static let writable = EventMask(rawValue: EPOLLOUT.rawValue)
        /// The other end has shut down its writing half.
        package static let peerHangUp = EventMask(rawValue: EPOLLRDHUP.rawValue)
        /// Both directions have ended.
        package static let hangUp = EventMask(rawValue: EPOLLHUP.rawValue)
        package static let error = EventMask(rawValue: EPOLLERR.rawValue)
        /// Whatever a read tells more of: data, the end of the stream, an error.
        package static let incoming = EventMask(
            rawValue: EPOLLIN.rawValue | EPOLLHUP.rawValue | EPOLLERR.rawValue)
        /// Urgent data; a routing or TAP descriptor's exceptional condition.
        package static let priority = EventMask(rawValue: EPOLLPRI.rawValue)
        /// Report changes of readiness only, not its lasting.
        package static let edgeTriggered = EventMask(rawValue: EPOLLET.rawValue)
        /// Report once, then nothing until `modify`.
        package static let oneShot = EventMask(rawValue: EPOLLONESHOT.rawValue)

        /// Whether something of `other` is in it. Other modules get an option set's own `contains` and `isDisjoint` in their
        /// generic form, which takes hundreds of instructions.
        package func intersects(_ other: EventMask) -> Bool { rawValue & other.rawValue != 0 }
    }

    /// One ready descriptor.
    package struct Event: Equatable, Sendable {
        package let events: EventMask
        /// As given to `add` or `modify`.
        package let token: UInt64

        package init(events: EventMask, token: UInt64) {
            self.events = events
            self.token = token
        }
    }

    /// Room for the events of one wait.
    @safe package struct EventList: ~Copyable, @unchecked Sendable {
        // Safety: allocated here for `capacity` elements, freed in deinit; the first `count` are initialised.
        fileprivate let storage: UnsafeMutablePointer<epoll_event>
        package let capacity: Int
        package private(set) var count = 0

        /// Room for `capacity` events, at least one; more wait for the next call.
        package init(capacity: Int = 64) {
            precondition(capacity > 0)
            self.capacity = capacity
            unsafe storage = .allocate(capacity: capacity)
        }

        deinit {
            // Safety: epoll_event needs no deinitialisation.
            unsafe storage.deallocate()
        }

        fileprivate mutating func fill(count: Int) {
            self.count = count
        }

        package subscript(index: Int) -> Event {
            precondition(index >= 0 && index < count)
            // Safety: the kernel has written the first `count` events.
            let event = unsafe storage[index]
            return unsafe Event(events: EventMask(rawValue: event.events), token: event.data.u64)
        }
    }
}
