import Logging
import VmnetNAT
import VmnetSwitch
import VmnetSystem

/// Ports of the host that lead to guests.
extension NetworkState {
    /// Clients accepted in one turn of the loop: the others wait for the next.
    private static let mostClients = 64

    /// Returns the forward with the port that it really has.
    mutating func addForward(_ forward: PortForward) throws -> PortForward {
        now = .now
        uptime = Uptime(now)
        guard configuration.network.mode != .bridged else {
            throw VmnetError(
                .invalidConfiguration, "cannot forward '\(forward)': the network is bridged",
                hint: "its guests have addresses on the physical network, where they are reached directly")
        }
        guard configuration.host != nil else {
            throw VmnetError(
                .invalidConfiguration, "cannot forward '\(forward)': the host is not in this network",
                hint: "give it an address there: --host-ip and --host-mask")
        }
        if let other = forwards.forward(at: forward.host) {
            throw VmnetError(
                .busy, "cannot forward '\(forward)': '\(other.forward)' is there already",
                hint: "remove that forward first, or choose another port")
        }
        let added = try ActiveForward(forward, id: forwards.nextID())
        if !added.isInternet { try watch(added) }
        forwards.insert(added)
        settle(added, guestDirectory())
        forwards.beginEnquiry(now: now)
        logger.info("forward added", metadata: ["forward": "\(added.forward)"])
        return added.forward
    }

    mutating func removeForward(at host: PortForward.HostSide) throws {
        now = .now
        guard let removed = forwards.forward(at: host) else {
            throw VmnetError(
                .invalidConfiguration, "no forward is at \(host)",
                hint: "`openvmnet forward list` shows which there are")
        }
        close(removed)
        logger.info("forward removed", metadata: ["forward": "\(removed.forward)"])
    }

    func forwardStatus() -> [ForwardStatus] {
        forwards.all.map { forward in
            let nat = forward.destination.flatMap { attachments[$0.port]?.nat }
            let datagrams = nat?.datagramCounts(of: forward.id) ?? DatagramCounts()
            return ForwardStatus(
                forward: forward.forward,
                guest: forward.destination.map { .present($0.target.address) } ?? .waiting(forward.reason),
                openConnections: attachments.all.reduce(0) { $0 + ($1.nat?.connectionCount(of: forward.id) ?? 0) },
                acceptedConnections: forward.acceptedCount, refusedConnections: forward.refusedCount,
                receivedDatagrams: forward.datagrams.received + datagrams.received,
                sentDatagrams: forward.datagrams.sent + datagrams.sent)
        }
    }

    /// Ends all of them.
    mutating func closeForwards() {
        for forward in forwards.all { close(forward) }
    }

    private mutating func close(_ forward: ActiveForward) {
        unwatch(forward)
        endFlows(of: forward)
        forwards.remove(forward.id)
    }

    // MARK: Whom they lead to

    /// Finds the guests of all forwards again, if there is news of anybody.
    mutating func lookForGuests() {
        guard forwards.takeNews(now: now) else { return }
        let directory = guestDirectory()
        for forward in forwards.all { settle(forward, directory) }
    }

    /// A guest leaves, with what was opened to it.
    mutating func leaveForwards(_ attachment: Attachment) {
        for forward in forwards.all where forward.destination?.port == attachment.id {
            if let nat = attachment.nat { forward.datagrams.add(nat.datagramCounts(of: forward.id)) }
            wait(forward, "its guest has left")
        }
        forwards.noteNews()
    }

    private mutating func settle(_ forward: ActiveForward, _ directory: GuestDirectory) {
        switch directory.find(forward.forward.guest) {
        case .found(let guest):
            lead(forward, to: ActiveForward.Destination(guest, guestPort: forward.forward.guestPort))
        // Whoever has given itself an address may be silent for long, and is there as long as it is attached.
        case .unseen where forward.destination.map { !$0.isLeased } ?? false: break
        case .unseen(let reason), .several(let reason): wait(forward, reason)
        }
    }

    private mutating func lead(_ forward: ActiveForward, to destination: ActiveForward.Destination) {
        guard forward.destination != destination, let attachment = attachments[destination.port],
            let nat = attachment.nat
        else { return }
        wait(forward, "its guest is changing")
        if forward.lastDestination?.target != destination.target || forward.lastDestination?.port != destination.port {
            endFlows(of: forward)
        }
        do throws(SystemError) {
            if let socket = try forward.lead(to: destination) {
                try nat.openForward(forward.id, over: socket, to: destination.target, now: now)
                beginBatch(of: attachment)
            }
            try watch(forward)
        } catch {
            wait(forward, "\(error)")
            forwards.retry(at: now + .seconds(1))
        }
    }

    /// Connections to the guest go on.
    private mutating func wait(_ forward: ActiveForward, _ reason: String) {
        if let destination = forward.destination, forward.listener == nil,
            let attachment = attachments[destination.port], let nat = attachment.nat
        {
            forward.datagrams.add(nat.datagramCounts(of: forward.id))
            nat.closeForward(forward.id, now: now)
            beginBatch(of: attachment)
        }
        if forward.isInternet { unwatch(forward) }
        forward.wait(reason)
    }

    /// Ends whatever was opened through the forward.
    private mutating func endFlows(of forward: ActiveForward) {
        for attachment in attachments.all {
            attachment.nat?.closeForward(forward.id, now: now)
            beginBatch(of: attachment)
        }
    }

    /// A TCP socket is watched while it listens; one that does not reports without end that it has hung up.
    private func watch(_ forward: ActiveForward) throws(SystemError) {
        guard let listener = forward.listener, !forward.isWatched else { return }
        try events.epoll.add(listener, .readable, token: WakeSource.forward(forward.id).token)
        forward.isWatched = true
    }

    private func unwatch(_ forward: ActiveForward) {
        guard let listener = forward.listener, forward.isWatched else { return }
        // Both are ours and open.
        try? events.epoll.remove(listener)
        forward.isWatched = false
    }

    // MARK: Clients

    /// Accepts clients that wait at a forward, and asks its guest for each.
    mutating func acceptClients(of id: ForwardID) {
        // It may have happened before the socket was unwatched, in the same batch.
        guard let forward = forwards[id], forward.isWatched, let listener = forward.listener else { return }
        let attachment = forward.destination.flatMap { attachments[$0.port] }
        if let attachment { beginBatch(of: attachment) }
        for _ in 0..<Self.mostClients {
            do throws(SystemError) {
                guard let client = try Socket.accept(listener) else { return }
                let peer = InternetEndpoint(peerOf: client.raw)
                // It has gone already.
                if peer == nil, forward.isInternet { continue }
                guard let nat = attachment?.nat, let target = forward.destination?.target else { continue }
                if nat.accept(client, from: peer, to: target, for: id, now: now) {
                    forward.acceptedCount += 1
                } else {
                    forward.refusedCount += 1
                }
            } catch {
                return pause(forward, error)
            }
        }
    }

    /// Lets clients wait that there is no descriptor for.
    private mutating func pause(_ forward: ActiveForward, _ error: SystemError) {
        logger.warning("clients have to wait: \(error)", metadata: ["forward": "\(forward.forward)"])
        forward.isPaused = true
        unwatch(forward)
        resumption = now + .seconds(1)
    }

    /// Accepts again.
    mutating func resumeForwards() {
        for forward in forwards.all where forward.isPaused {
            forward.isPaused = false
            guard forward.destination != nil || !forward.isInternet else { continue }
            do throws(SystemError) {
                try watch(forward)
            } catch {
                pause(forward, error)
            }
        }
    }
}
