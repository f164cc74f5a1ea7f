import CVmnetLinux
import Glibc

/// The IPv4 routes of this network namespace.
package enum RouteList {
    package struct Route: Hashable, Sendable {
        package let destination: IPv4Prefix
        /// Where packets leave: `eth0`; nil for a route without an interface of its own, such as a blackhole.
        package let interface: String?
        /// The next hop, as an address in host order; nil for a directly connected network.
        package let gateway: UInt32?

        package init(destination: IPv4Prefix, interface: String?, gateway: UInt32?) {
            self.destination = destination
            self.interface = interface
            self.gateway = gateway
        }

        /// Whether every destination without a route of its own goes here, or half of them: VPNs take over the default
        /// route by two halves that are more specific.
        package var isDefault: Bool { destination.prefixLength <= 1 }
    }

    /// Asks the kernel for the routes of all tables, since a VPN's are not in the main one (rtnetlink(7),
    /// RTM_GETROUTE). What the kernel adds for its own addresses, the local and broadcast routes, is left out.
    package static func ipv4() throws(SystemError) -> [Route] {
        var routes: [Route] = []
        try Netlink.dump(UInt16(RTM_GETROUTE), family: UInt8(AF_INET)) { message in
            // struct rtmsg: family, destination and source prefix lengths, TOS, table, protocol, scope, type, and
            // 32 bits of flags.
            guard message.type == RTM_NEWROUTE, message.payload.count >= 12 else { return }
            guard ![RTN_LOCAL, RTN_BROADCAST, RTN_MULTICAST].contains(Int(message.payload[7])) else { return }
            let attributes = message.attributes(after: 12)
            let bits = attributes[UInt16(RTA_DST.rawValue)]?.address ?? 0
            let index = attributes[UInt16(RTA_OIF.rawValue)]?.word
            routes.append(
                Route(
                    destination: IPv4Prefix(bits: bits, prefixLength: Int(message.payload[1])),
                    interface: index.map(InterfaceName.of),
                    gateway: attributes[UInt16(RTA_GATEWAY.rawValue)]?.address))
        }
        return routes
    }
}
