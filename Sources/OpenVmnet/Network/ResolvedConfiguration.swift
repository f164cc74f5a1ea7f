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
                allowsHostLoopback: network.allowsHostLoopback, reachesOutside: network.mode == .shared,
                nat66Prefix: network.nat66Prefix)
        }
    }

    /// Of the DHCP server; nil = there is none. In host mode it says nothing of routers, for nothing lies behind the
    /// gateway, nor of name servers, for there is none.
    var dhcp: DHCPServerConfiguration? {
        get throws(DHCPConfigurationError) {
            guard let addresses else { return nil }
            var server = try DHCPServerConfiguration(
                gateway: addresses.start, last: addresses.end, mask: addresses.subnet.mask, mtu: network.mtu)
            if network.mode == .host {
                server.routers = []
                server.domainNameServers = []
            }
            server.limitsStationsToOneAddress = network.locksLeases
            return server
        }
    }

    /// What guests' source addresses are held to; nil = anything.
    var sourceGuard: SourceGuard? {
        guard network.locksLeases, let gatewayMAC else { return nil }
        return SourceGuard(gateway: gatewayMAC, addresses6: network.nat66Prefix.map(GatewayAddresses6.init(prefix:)))
    }
}
