package import VmnetWire

/// What a server gives, to whom, and for how long. Every value of this type is one that a server can run with.
package struct DHCPServerConfiguration: Equatable, Sendable {
    package let subnet: IPv4Subnet
    /// The server's own address, which is also its identifier (option 54).
    package let gateway: IPv4Address
    package let pool: AddressPool
    /// Bytes of an IP packet (option 26).
    package let mtu: Int
    package private(set) var reservations: [DHCPReservation] = []

    /// Option 3; empty: none.
    package var routers: [IPv4Address]
    /// Option 6; empty: none.
    package var domainNameServers: [IPv4Address]
    /// Option 15, and the domain of the names in option 81.
    package var domainName: DomainName?
    /// Option 119.
    package var domainSearch: [DomainName] = []
    /// Option 42.
    package var timeServers: [IPv4Address] = []
    /// Options 121 and 249, where the default route is added, and option 33 as far as it can express them.
    package var routes: [DHCPRoute] = []
    /// Option 43, with its inner framing.
    package var vendorSpecific: [UInt8]?
    /// Option 66.
    package var tftpServerName: String?
    /// Option 67.
    package var bootFileName: String?
    /// Option 150.
    package var tftpServerAddresses: [IPv4Address] = []
    /// Option 100.
    package var posixTimeZone: String?
    /// Option 101.
    package var timeZoneName: String?
    /// Option 108: clients that ask for it turn IPv4 off for this long.
    package var ipv6OnlyPreferred: DHCPDuration?
    /// Option 114.
    package var captivePortal: String?
    /// Option 252.
    package var proxyAutoDiscovery: String?
    /// These win over the options above.
    package var extraOptions: [DHCPExtraOption] = []

    /// What a client gets that asks for no less. An hour: addresses of guests that are gone come back the same day.
    package var leaseDuration = DHCPDuration(seconds: 3600)
    /// BOOTP clients know no lease, so theirs is a long one: thirty days.
    package var bootpLeaseDuration = DHCPDuration(seconds: 30 * 86400)
    /// How long an address is kept from everybody after a client found it in use.
    package var quarantineDuration = DHCPDuration(seconds: 600)
    /// How long an offer stands.
    package var offerDuration = DHCPDuration(seconds: 60)
    /// Whether clients that ask for it get their address in two messages instead of four (RFC 4039).
    package var allowsRapidCommit = true
    /// Whether a station gets one address, whatever identifiers it makes up and whatever addresses it declines. For a
    /// network whose stations cannot use what they have not leased: nobody can be in their way.
    package var limitsStationsToOneAddress = false
    /// Whether the network's resolver knows the names of leases, which is what option 81 tells clients.
    package var namesLeases = false

    /// The pool is what follows the gateway, up to `last`; router and name server are the gateway.
    ///
    /// - Parameter mtu: 576...65535.
    package init(
        gateway: IPv4Address, last: IPv4Address, mask: IPv4Address, mtu: Int = 1500
    ) throws(DHCPConfigurationError) {
        guard let subnet = IPv4Subnet(containing: gateway, mask: mask) else {
            throw DHCPConfigurationError("\(mask) is not a subnet mask")
        }
        guard let pool = AddressPool(after: gateway, through: last, in: subnet) else {
            throw DHCPConfigurationError("no address for guests between \(gateway) and \(last) in \(subnet)")
        }
        guard (576...65535).contains(mtu) else {
            throw DHCPConfigurationError("an MTU of \(mtu) is not in 576...65535")
        }
        self.subnet = subnet
        self.gateway = gateway
        self.pool = pool
        self.mtu = mtu
        routers = [gateway]
        domainNameServers = [gateway]
    }

    /// Adds a reservation. Its address may be any of the subnet that a host can have, but the gateway's.
    package mutating func reserve(_ reservation: DHCPReservation) throws(DHCPConfigurationError) {
        let address = reservation.address
        guard subnet.contains(address), address != subnet.network, address != subnet.broadcast, address != gateway
        else {
            throw DHCPConfigurationError("\(address) cannot be reserved: it is not a guest's address in \(subnet)")
        }
        guard !reservations.contains(where: { $0.address == address }) else {
            throw DHCPConfigurationError("\(address) is reserved twice")
        }
        guard !reservations.contains(where: { $0.client == reservation.client }) else {
            throw DHCPConfigurationError("\(reservation.client) has two reservations")
        }
        reservations.append(reservation)
    }
}
