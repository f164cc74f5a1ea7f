import Logging
import Synchronization
import VmnetPorts
import VmnetSystem
import VmnetWire

/// What the thread of an interface on another process's network does: it carries packets from the wire to the program, and
/// joins the network again when that has been away.
final class JoinedLoop: Sendable {
    let state: Mutex<JoinedState>
    private let events: JoinedEvents
    private let announcer: PacketAnnouncer
    private let membership: Membership
    /// What the program was told that the network is.
    private let network: NetworkDescription
    /// Those of the interface, with the ports that they really have.
    private let forwards = Mutex<[PortForward]>([])
    private let logger: Logger
    private let isStopping = Atomic(false)

    /// - Parameters:
    ///   - state: on the network already.
    ///   - network: as it said then what it is.
    init(
        _ state: consuming sending JoinedState, _ events: JoinedEvents, _ announcer: PacketAnnouncer,
        _ membership: Membership, _ network: NetworkDescription, _ logger: Logger
    ) {
        self.state = Mutex(state)
        self.events = events
        self.announcer = announcer
        self.membership = membership
        self.network = network
        self.logger = logger
    }

    /// Has the thread look at the interface.
    func attend() {
        events.wake()
    }

    /// Runs until `stop`.
    func run() {
        var list = Epoll.EventList(capacity: 4)
        var search = NetworkSearch()
        while !isStopping.load(ordering: .acquiring) {
            do {
                let deadline = state.withLock { $0.deadline }
                try events.epoll.wait(into: &list, timeout: search.timeout(until: deadline))
            } catch {
                // Only a descriptor that is not an epoll set can cause it.
                preconditionFailure("\(error)")
            }
            carry(list, &search)
            if search.isDue { find(&search) }
        }
    }

    /// Leaves the network; the thread ends soon.
    func stop() {
        isStopping.store(true, ordering: .releasing)
        state.withLock { $0.close() }
        events.wake()
    }

    /// Handles one batch of events, and tells the program of packets.
    private func carry(_ list: borrowing Epoll.EventList, _ search: inout NetworkSearch) {
        var isThere = true
        let hasNews = state.withLock { state in
            for index in 0..<list.count {
                let event = list[index]
                switch JoinedWakeSource(rawValue: event.token) {
                case .wakeUp:
                    events.acknowledgeWake()
                    state.attend()
                case .frames: isThere = state.handle(event.events) && isThere
                case .guest: isThere = false
                case nil: break
                }
            }
            if !isThere { state.leave() }
            return state.takeNews(now: .now)
        }
        if hasNews, announcer.announce() { attend() }
        if !isThere {
            logger.warning("the network has gone", metadata: membership.metadata)
            search.begin()
        }
    }

    /// Tries to join the network again.
    private func find(_ search: inout NetworkSearch) {
        do throws(VmnetError) {
            let connection = try membership.begin(timeout: NetworkSearch.patience)
            restoreForwards(connection.guest)
            do throws(SystemError) {
                try state.withLock { state throws(SystemError) in try state.join(connection) }
            } catch {
                throw VmnetError(error)
            }
            search.end()
            if !isStopping.load(ordering: .acquiring) { report(connection.guest.network) }
        } catch {
            guard membership.isLasting || error.code != .notRunning else { return search.end() }
            search.goOn()
        }
    }
}

extension JoinedLoop {
    /// Says that the network is back.
    private func report(_ present: NetworkDescription) {
        guard present != network else {
            return logger.notice("joined the network again", metadata: membership.metadata)
        }
        logger.warning(
            "joined the network again, but it has other addresses or another MTU; start the guest anew",
            metadata: membership.metadata)
    }
}

// MARK: - Port forwards

extension JoinedLoop {
    /// Adds a forward that ends with the interface, and comes back with it.
    func addForward(_ forward: PortForward) throws(VmnetError) -> PortForward {
        let added = try presentGuest().addForward(forward)
        forwards.withLock { $0.append(added) }
        return added
    }

    func removeForward(_ forward: PortForward) throws(VmnetError) {
        try presentGuest().removeForward(forward)
        forwards.withLock { $0.removeAll { $0.host == forward.host } }
    }

    private func presentGuest() throws(VmnetError) -> AttachedGuest {
        if let guest = state.withLock({ $0.guest }) { return guest }
        throw VmnetError(
            .notRunning, "the network '\(membership.networkName)' is away", hint: "try again when it has been started")
    }

    private func restoreForwards(_ guest: AttachedGuest) {
        for forward in forwards.withLock({ $0 }) {
            do throws(VmnetError) {
                _ = try guest.addForward(forward)
            } catch {
                logger.error("cannot forward '\(forward)' again: \(error.message)", metadata: membership.metadata)
            }
        }
    }
}
