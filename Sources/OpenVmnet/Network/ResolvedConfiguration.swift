import VmnetDHCP
import VmnetNAT
import VmnetWire

/// A configuration with its free choices made, and what each part of the network gets of it.
struct ResolvedConfiguration: Sendable {
    let network: NetworkConfiguration
    /// The gateway and what the DHCP server gives out; nil in a private network, which has no server.
    let addresses: AddressRange?

    /// The host as guests see it; nil when it is not in the network.
    var host: HostAddress? { addresses?.host ?? network.host }
    var gatewayMAC: MACAddress? { host.map { GuestNAT.gatewayMAC(for: $0.address) } }

    /// Of every guest's NAT; nil when there is nothing that it could lead to.
    var nat: NATConfiguration? {
        host.map { host in
            NATConfiguration(
                gatewayAddress: host.address, subnet: host.subnet, mtu: network.mtu,
                allowsHostLoopback: network.allowsHostLoopback,
                reachesOutside: network.mode == .shared && network.translatesIPv4,
                reachesOutside6: network.mode == .shared && network.translatesIPv6,
                offersResolver: network.mode == .shared && network.proxiesDNS,
                advertisesRouter: network.advertisesRouter, nat66Prefix: network.nat66Prefix)
        }
    }

    /// Of the DHCP server; nil = there is none. In host mode it says nothing of routers, for nothing lies behind the
    /// gateway, nor of name servers, for there is none.
    var dhcp: DHCPServerConfiguration? {
        get throws(VmnetError) {
            do throws(DHCPConfigurationError) {
                return try server
            } catch {
                throw VmnetError(
                    .invalidConfiguration, error.description,
                    hint: "reserve addresses of the network's own subnet, one for each guest")
            }
        }
    }

    private var server: DHCPServerConfiguration? {
        get throws(DHCPConfigurationError) {
            guard let addresses, network.servesDHCP else { return nil }
            var server = try DHCPServerConfiguration(
                gateway: addresses.start, last: addresses.end, mask: addresses.subnet.mask, mtu: network.mtu)
            if network.mode == .host {
                server.routers = []
                server.domainNameServers = []
            }
            if !network.proxiesDNS { server.domainNameServers = [] }
            for reservation in network.reservations { try server.reserve(reservation.forServer) }
            server.limitsStationsToOneAddress = network.locksLeases
            return server
        }
    }

    /// Checks that what needs a DHCP server has one.
    func checkServer() throws(VmnetError) {
        guard network.identifier != nil || !network.servesDHCP else { return }
        if let reservation = network.reservations.first {
            throw VmnetError(
                .invalidConfiguration, "the reservation \(reservation) is of no use: the network has no DHCP server",
                hint: "leave it out, or let the network give out addresses")
        }
        guard !network.locksLeases else {
            throw VmnetError(
                .invalidConfiguration, "leases cannot be locked: the network has no DHCP server, and so no leases")
        }
    }

    /// What guests' source addresses are held to; nil = anything.
    var sourceGuard: SourceGuard? {
        guard network.locksLeases, let gatewayMAC else { return nil }
        return SourceGuard(gateway: gatewayMAC, addresses6: network.nat66Prefix.map(GatewayAddresses6.init(prefix:)))
    }
}
