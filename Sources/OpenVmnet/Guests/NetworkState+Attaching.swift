import Logging
import SystemPackage
import VmnetNAT
import VmnetPorts
import VmnetSwitch
import VmnetSystem

/// Guests come and go.
extension NetworkState {
    /// Puts a guest on the network: a switch port, and a NAT of its own.
    ///
    /// - Parameters:
    ///   - isIsolated: whether it is to have nothing to do with the other guests; in an isolated network none has.
    ///   - name: what its descriptor is called where the service manager keeps it; nil = the next number.
    ///   - identity: who the guest says it is; nil = its MAC address tells.
    ///   - announcer: whom its port tells of frames that have arrived, when the guest is in this process.
    @discardableResult
    mutating func attach(
        _ transport: any Transport, origin: String, isIsolated: Bool, storedAs name: String? = nil,
        identity: InterfaceID? = nil, announcer: PacketAnnouncer? = nil
    ) throws -> PortID {
        guard !isClosed else { throw VmnetError.stopped }
        guard let id = attachments.nextID else {
            throw SystemError("attach a guest", .tooManyOpenFiles, remedy: "the network's ports are all taken")
        }
        let port = GuestPort(id: id, transport: transport, flushList: flushList, announcer: announcer)
        let isIsolated = isIsolated || configuration.network.isIsolated
        let attachment = try Attachment(
            port, nat: configuration.nat, buffers: datagrams, origin: origin, isIsolated: isIsolated,
            identity: identity)
        if let nat = attachment.nat {
            try events.epoll.add(nat.descriptor, .readable, token: WakeSource.nat(attachment.id).token)
        }
        if let descriptor = transport.descriptor {
            try events.epoll.add(descriptor, .readable, token: WakeSource.transport(attachment.id).token)
        }
        attachments.insert(attachment, as: id)
        `switch`.attach(attachment.id, isIsolated: isIsolated)
        noteProgress(of: attachment)
        forwards.beginEnquiry(now: .now)
        attachment.storedName = store?.store(transport, as: name, isIsolated: isIsolated)
        logger.info("guest attached", metadata: ["port": "\(attachment.id)", "transport": "\(origin)"])
        return id
    }

    /// Takes a guest off the network: its flows end, its lease begins to run out.
    mutating func detach(_ attachment: Attachment, reason: String) {
        leaveForwards(attachment)
        if let descriptor = attachment.port.transport.descriptor { try? events.epoll.remove(descriptor) }
        if let nat = attachment.nat { try? events.epoll.remove(nat.descriptor) }
        attachments.remove(attachment.id)
        attachment.port.countDropsOfTransport()
        departed.add(attachment.port.counters)
        agenda.remove(attachment.id)
        reminders.remove(attachment.id)
        neighbours.forget(`switch`.table.addresses(on: attachment.id, now: uptime))
        `switch`.detach(attachment.id)
        sourceGuard?.forget(attachment.id)
        dhcp?.detach(attachment.id)
        if let name = attachment.storedName { store?.remove(name) }
        logger.info("guest detached", metadata: ["port": "\(attachment.id)", "reason": "\(reason)"])
    }

    /// The same for the guest at a port; returns whether there is one.
    mutating func detach(_ id: PortID) -> Bool {
        guard let attachment = attachments[id] else { return false }
        detach(attachment, reason: "it was asked for")
        return true
    }

    /// Detaches everybody and writes the leases.
    mutating func close() {
        isClosed = true
        leaveGuests()
        closeForwards()
        for attachment in attachments.all { detach(attachment, reason: "the network stops") }
        for named in listeners { try? events.epoll.remove(named.listener.descriptor) }
        listeners.removeAll()
        closeUplink()
        dhcp?.close(now: now)
    }
}
