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
    @discardableResult
    mutating func attach(
        _ transport: any Transport, origin: String, isIsolated: Bool, storedAs name: String? = nil
    ) throws -> PortID {
        guard let id = attachments.nextID else {
            throw SystemError("attach a guest", .tooManyOpenFiles, remedy: "the network's ports are all taken")
        }
        let port = GuestPort(id: id, transport: transport, flushList: flushList)
        let isIsolated = isIsolated || configuration.network.isIsolated
        let attachment = try Attachment(
            port, nat: configuration.nat, buffers: datagrams, origin: origin, isIsolated: isIsolated)
        if let nat = attachment.nat {
            try events.epoll.add(nat.descriptor, .readable, token: WakeSource.uplink(attachment.id).token)
        }
        try events.epoll.add(transport.descriptor, .readable, token: WakeSource.transport(attachment.id).token)
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
        try? events.epoll.remove(attachment.port.transport.descriptor)
        if let nat = attachment.nat { try? events.epoll.remove(nat.descriptor) }
        attachments.remove(attachment.id)
        attachment.port.countDropsOfTransport()
        departed.add(attachment.port.counters)
        agenda.remove(attachment.id)
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
        leaveGuests()
        closeForwards()
        for attachment in attachments.all { detach(attachment, reason: "the network stops") }
        for named in listeners { try? events.epoll.remove(named.listener.descriptor) }
        listeners.removeAll()
        closeUplink()
        dhcp?.close(now: now)
    }
}
