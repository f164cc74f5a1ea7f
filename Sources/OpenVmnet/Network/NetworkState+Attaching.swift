import Logging
import VmnetPorts
import VmnetSlirp
import VmnetSwitch
import VmnetSystem

/// Guests come and go.
extension NetworkState {
    /// Puts a guest on the network: a switch port, and a NAT of its own.
    mutating func attach(_ transport: any Transport, origin: String) throws {
        lastPort += 1
        let port = GuestPort(id: PortID(rawValue: lastPort), transport: transport, flushList: flushList)
        let attachment = try Attachment(port, nat: configuration.nat, origin: origin)
        try events.epoll.add(
            attachment.nat.descriptor, .readable, token: WakeSource.uplink(attachment.id).token)
        try events.epoll.add(transport.descriptor, .readable, token: WakeSource.transport(attachment.id).token)
        attachments[attachment.id] = attachment
        `switch`.attach(attachment.id, isIsolated: configuration.network.isIsolated)
        noteProgress(of: attachment)
        logger.info("guest attached", metadata: ["port": "\(attachment.id)", "transport": "\(origin)"])
    }

    /// Takes a guest off the network: its flows end, its lease begins to run out.
    mutating func detach(_ attachment: Attachment, reason: String) {
        try? events.epoll.remove(attachment.port.transport.descriptor)
        try? events.epoll.remove(attachment.nat.descriptor)
        attachments[attachment.id] = nil
        timed.remove(attachment.id)
        paused.remove(attachment.id)
        neighbours.forget(`switch`.table.addresses(on: attachment.id, now: now))
        `switch`.detach(attachment.id)
        dhcp.detach(attachment.id)
        logger.info("guest detached", metadata: ["port": "\(attachment.id)", "reason": "\(reason)"])
    }

    /// Detaches everybody and writes the leases.
    mutating func close() {
        for attachment in attachments.values { detach(attachment, reason: "the network stops") }
        for named in listeners { try? events.epoll.remove(named.listener.descriptor) }
        listeners.removeAll()
        dhcp.close(now: now)
    }
}
