import Synchronization
package import VmnetSystem

/// Keeps descriptors with the service manager, beyond the end of this process (FDSTORE, sd_notify(3)).
///
/// Any thread may call it, with locks held: a thread of its own waits for the service manager.
package final class DescriptorStore: Sendable {
    /// Descriptors that may wait until the service manager takes them.
    private static let longestQueue = 1024

    private enum Request {
        /// The descriptor is a duplicate that is closed when it has been sent.
        case store(Int32, name: String)
        case remove(name: String)
    }

    private struct State {
        var requests: [Request] = []
        var isEnding = false
    }

    private let notification: ServiceNotification
    private let wakeUp: WakeUp
    private let state = Mutex(State())
    private let thread = Mutex<SystemThread?>(nil)

    /// The store of the service manager that started this process; nil without one. Its thread runs until `end`.
    ///
    /// - Parameter environment: looks a variable up, such as `Environment.value`.
    package static func connect(_ environment: (String) -> String?) throws(SystemError) -> DescriptorStore? {
        guard let notification = try ServiceNotification.connect(environment) else { return nil }
        return try DescriptorStore(notification)
    }

    private init(_ notification: consuming ServiceNotification) throws(SystemError) {
        let wakeUp = try WakeUp()
        self.notification = notification
        self.wakeUp = wakeUp
        try thread.withLock { thread throws(SystemError) in
            thread = try SystemThread(name: "openvmnet-store") { [self] in run() }
        }
    }

    /// Keeps a duplicate of the descriptor under the name, which no other has. Returns whether that will be done: not when
    /// this process has no descriptor left, nor when too many wait for the service manager.
    package func store(_ descriptor: Int32, name: String) -> Bool {
        let isQueued = state.withLock { state in
            guard state.requests.count < Self.longestQueue, let duplicate = try? Descriptor.duplicate(descriptor)
            else { return false }
            state.requests.append(.store(duplicate.release(), name: name))
            return true
        }
        wakeUp.signal()
        return isQueued
    }

    /// Keeps what has the name no longer.
    package func remove(name: String) {
        state.withLock { $0.requests.append(.remove(name: name)) }
        wakeUp.signal()
    }

    /// Waits until the service manager knows everything, and ends the thread.
    package func end() {
        state.withLock { $0.isEnding = true }
        wakeUp.signal()
        thread.withLock { $0.take() }?.join()
    }

    private func run() {
        guard let epoll = try? Epoll(), (try? epoll.add(wakeUp.descriptor, .readable, token: 0)) != nil else { return }
        var list = Epoll.EventList(capacity: 1)
        while true {
            let (requests, isEnding) = state.withLock { state in
                defer { state.requests = [] }
                return (state.requests, state.isEnding)
            }
            for request in requests { send(request) }
            if isEnding { return }
            guard (try? epoll.wait(into: &list, timeout: nil)) != nil else { return }
            wakeUp.consume()
        }
    }

    /// A service manager that has gone keeps nothing, and nobody is there to be told.
    private func send(_ request: Request) {
        switch request {
        case .store(let raw, let name):
            let duplicate = Descriptor(owning: raw)
            try? notification.send(.store(name: name), passing: duplicate.raw)
        case .remove(let name): try? notification.send(.remove(name: name))
        }
    }
}
