import VmnetDHCP
import VmnetSystem
import VmnetWire

/// What a lease makes of the guest's interface, and of its programs' view of the network.
struct GuestSettings: Equatable {
    var address: IPv4Address
    var mask: IPv4Address
    /// Where the default route leads.
    var gateway: IPv4Address?
    /// The routes beside it.
    var routes: [DHCPRoute]
    /// In bytes; nil leaves what the interface has.
    var mtu: Int?
    var resolver: ResolverConfiguration

    init(_ lease: DHCPClientLease) {
        address = lease.address
        // A lease's prefix is a right one; a host route would be what is left.
        mask = IPv4Subnet(containing: lease.address, prefixLength: lease.prefixLength)?.mask ?? .broadcast
        mtu = lease.mtu.map { Int($0) }
        // RFC 3442: with classless routes, the routers are not to be looked at.
        let defaultRoute = lease.routes.first { $0.destination.prefixLength == 0 }
        gateway = lease.routes.isEmpty ? lease.routers.first : defaultRoute?.router
        routes = lease.routes.filter { $0.destination.prefixLength != 0 }
        // DomainName lets nothing through that would be another line of the file.
        let domain = lease.domainName.flatMap { DomainName($0) }
        let domains = lease.domainSearch.isEmpty ? [domain].compactMap(\.self) : lease.domainSearch
        resolver = ResolverConfiguration(
            servers: lease.domainNameServers, searchDomains: domains.map { "\($0)" })
    }

    /// Makes the interface able to send and receive; it has no IPv4 address yet.
    static func bringUp() throws(SystemError) {
        enableIPv6Autoconfiguration()
        let control = try InterfaceControl()
        try control.bringUp("lo")
        try control.bringUp(GuestNamespace.interface)
    }

    /// Applies them to the interface, which is up. The order matters: a route needs an address that reaches its gateway.
    func apply() throws(SystemError) {
        let control = try InterfaceControl()
        if let mtu { try control.setMTU(mtu, of: GuestNamespace.interface) }
        try control.setAddress(address.bits, mask: mask.bits, of: GuestNamespace.interface)
        for route in routes {
            try control.addRoute(
                to: route.destination.network.bits, mask: route.destination.mask.bits,
                through: route.router == .any ? nil : route.router.bits, of: GuestNamespace.interface)
        }
        if let gateway {
            try control.addRoute(to: 0, mask: 0, through: gateway.bits, of: GuestNamespace.interface)
        }
    }

    /// A host that disables IPv6 for its interfaces to come does so for this one too, unless told otherwise.
    private static func enableIPv6Autoconfiguration() {
        let directory = "/proc/sys/net/ipv6/conf/\(GuestNamespace.interface)"
        for (name, value) in [("disable_ipv6", "0"), ("accept_ra", "1"), ("autoconf", "1")] {
            // A kernel without IPv6 has no such file, and a container may show it read-only: IPv4 works all the same.
            try? File.overwrite("\(directory)/\(name)", with: value)
        }
    }
}
