package import VmnetWire

/// What a client was given.
package struct DHCPClientLease: Equatable, Sendable {
    package let address: IPv4Address
    package let prefixLength: Int
    package let server: IPv4Address
    package let duration: DHCPDuration
    /// T1 and T2: when to renew, and when to ask any server.
    package let renewalTime: DHCPDuration
    package let rebindingTime: DHCPDuration
    /// The default route's first choice is the first.
    package let routers: [IPv4Address]
    /// When there are any, they replace `routers` (RFC 3442).
    package let routes: [DHCPRoute]
    package let domainNameServers: [IPv4Address]
    package let mtu: UInt16?
    package let hostName: String?
    package let domainName: String?
    package let domainSearch: [DomainName]

    /// nil when an OFFER or ACK lacks what a client cannot guess: a usable address, a mask, the server, the time.
    init?(_ message: DHCPMessage) {
        let options = message.options
        guard let server = options[.serverIdentifier], let mask = options[.subnetMask],
            let duration = options[.leaseTime], duration.seconds > 0,
            let subnet = IPv4Subnet(containing: message.yourAddress, mask: mask),
            !message.yourAddress.isThisNetwork, !message.yourAddress.isMulticast, !message.yourAddress.isReserved
        else { return nil }
        address = message.yourAddress
        prefixLength = subnet.prefixLength
        self.server = server
        self.duration = duration
        // RFC 2131, 4.4.5: the defaults, and no later than the lease lasts.
        let rebindingTime = min(options[.rebindingTime] ?? duration.sevenEighths, duration)
        self.rebindingTime = rebindingTime
        renewalTime = min(options[.renewalTime] ?? duration.half, rebindingTime)
        routers = options[.routers] ?? []
        routes = options[.classlessRoutes] ?? []
        domainNameServers = options[.domainNameServers] ?? []
        mtu = options[.interfaceMTU]
        hostName = options[.hostName]
        domainName = options[.domainName]
        domainSearch = options[.domainSearch] ?? []
    }
}
