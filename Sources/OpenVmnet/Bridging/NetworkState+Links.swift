import Logging
import SystemPackage
import VmnetPorts
import VmnetSwitch
import VmnetSystem
import VmnetWire

/// The physical network's interface goes down, goes, and comes back.
extension NetworkState {
    /// Begins to use the uplink.
    mutating func watchUplink() throws(SystemError) {
        guard let uplink else { return }
        try events.epoll.add(uplink.links.descriptor, .readable, token: WakeSource.links.token)
        try watchSocket(of: uplink)
    }

    private mutating func watchSocket(of uplink: Uplink) throws(SystemError) {
        guard let descriptor = uplink.link?.transport.descriptor else { return }
        try events.epoll.add(descriptor, .readable, token: WakeSource.transport(.uplink).token)
        adoptInterface(of: uplink)
        admitGuests()
    }

    /// Something has happened to an interface, and perhaps to this one.
    mutating func takeLinkNews() {
        guard let uplink else { return }
        if uplink.links.takeNews(of: uplink.interfaceName, uplink.link?.transport.interfaceIndex) { lookAtUplink() }
    }

    /// Brings what is known of the interface up to date.
    mutating func lookAtUplink() {
        guard let uplink else { return }
        let earlier = uplink.state
        if uplink.look() {
            adoptInterface(of: uplink)
        } else {
            closeSocket(of: uplink)
            if uplink.retries.takeNews(now: now) { awaitInterface(of: uplink) }
        }
        guard uplink.state != earlier else { return }
        logger.log(
            level: uplink.state == .up ? .notice : .warning, "the interface is \(uplink.state)",
            metadata: ["interface": "\(uplink.interfaceName)"])
    }

    /// Its MTU is the network's, and its address nobody else's.
    private mutating func adoptInterface(of uplink: Uplink) {
        mtu = uplink.interface.mtu
        `switch`.reserve(uplink.address)
    }

    private mutating func closeSocket(of uplink: Uplink) {
        guard let descriptor = uplink.link?.transport.descriptor else { return }
        try? events.epoll.remove(descriptor)
        uplink.close()
    }

    /// Tries again to open the interface.
    mutating func resumeUplink() {
        guard let uplink, uplink.retries.takeDue(now: now) else { return }
        awaitInterface(of: uplink)
    }

    /// Has the interface opened if it is there; if not, there will be news when it is.
    private func awaitInterface(of uplink: Uplink) {
        uplink.isAwaited = uplink.links.hasInterface(named: uplink.interfaceName)
        if !uplink.isAwaited { uplink.retries.end() }
    }

    /// Takes the socket of an interface that has come back; nil = it could not be opened, for `failure`.
    mutating func reopenUplink(_ socket: consuming PacketSocket?, _ failure: SystemError?) {
        guard let uplink, uplink.link == nil else { return }
        guard let socket else { return postpone(uplink, failure) }
        uplink.open(socket)
        do throws(SystemError) {
            guard uplink.look() else { throw SystemError("open the interface", .noSuchAddressOrDevice) }
            try watchSocket(of: uplink)
            uplink.failure = nil
            uplink.retries.end()
            logger.notice("the interface is back", metadata: ["interface": "\(uplink.interfaceName)"])
        } catch {
            closeSocket(of: uplink)
            postpone(uplink, error)
        }
    }

    /// Comes back to it, and says why, once.
    private func postpone(_ uplink: Uplink, _ failure: SystemError?) {
        uplink.retries.postpone(now: .now)
        guard let failure, failure != uplink.failure else { return }
        uplink.failure = failure
        logger.warning("\(failure)", metadata: ["interface": "\(uplink.interfaceName)"])
    }

    /// Gives the interface back.
    mutating func closeUplink() {
        guard let uplink else { return }
        try? events.epoll.remove(uplink.links.descriptor)
        closeSocket(of: uplink)
    }
}
