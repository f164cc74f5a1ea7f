import CVmnetLinux
import Glibc

/// A route for whatever has no route of its own, in the main table of this network namespace.
package struct DefaultRoute: Equatable, Sendable {
    /// The number of the interface that packets leave by; of a route with several, the first.
    package let interface: UInt32
    package let isIPv6: Bool
    /// The kernel takes the route with the lowest.
    package let metric: UInt32

    package init(interface: UInt32, isIPv6: Bool = false, metric: UInt32) {
        self.interface = interface
        self.isIPv6 = isIPv6
        self.metric = metric
    }

    /// Asks the kernel (rtnetlink(7), RTM_GETROUTE).
    package static func all() throws(SystemError) -> [DefaultRoute] {
        var routes: [DefaultRoute] = []
        for family in [AF_INET, AF_INET6] {
            try Netlink.dump(UInt16(RTM_GETROUTE), family: UInt8(family)) { message in
                if let route = DefaultRoute(message) { routes.append(route) }
            }
        }
        return routes
    }

    /// The one that most packets take: IPv4's before IPv6's, then the one with the lowest metric.
    package static func preferred(of routes: [DefaultRoute]) -> DefaultRoute? {
        routes.min { ($0.isIPv6 ? 1 : 0, $0.metric) < ($1.isIPv6 ? 1 : 0, $1.metric) }
    }

    /// nil for a message of another kind, and for a route to a part of the world, to nowhere, or of another table.
    private init?(_ message: Netlink.Message) {
        // struct rtmsg, as in RouteList.
        guard message.type == RTM_NEWROUTE, message.payload.count >= 12, message.payload[1] == 0,
            Int(message.payload[7]) == RTN_UNICAST
        else { return nil }
        let attributes = message.attributes(after: 12)
        let table = attributes[UInt16(RTA_TABLE.rawValue)]?.word ?? UInt32(message.payload[4])
        guard table == RT_TABLE_MAIN.rawValue else { return nil }
        // struct rtnexthop: its length in 16 bits, flags, hops, and the interface's number.
        let nextHops = attributes[UInt16(RTA_MULTIPATH.rawValue)]?.bytes ?? []
        guard
            let interface = attributes[UInt16(RTA_OIF.rawValue)]?.word
                ?? (nextHops.count >= 8 ? nextHops[...].word(at: 4) : nil)
        else { return nil }
        self.init(
            interface: interface, isIPv6: Int32(message.payload[0]) == AF_INET6,
            metric: attributes[UInt16(RTA_PRIORITY.rawValue)]?.word ?? 0)
    }
}
