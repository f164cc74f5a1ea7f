/// Pairs of destination and router from before routes had prefix lengths (RFC 2132, 5.8): the destination is a host or
/// a network of class A, B or C, and never the default route.
package enum DHCPStaticRoutesOption: DHCPOptionKind {
    package static func value(of bytes: Span<UInt8>) -> [DHCPStaticRoute]? {
        guard bytes.count > 0, bytes.count % 8 == 0 else { return nil }
        return stride(from: 0, to: bytes.count, by: 8).map {
            DHCPStaticRoute(
                destination: IPv4Address(bits: bytes.be32(at: $0)), router: IPv4Address(bits: bytes.be32(at: $0 + 4)))
        }
    }

    package static func bytes(of value: [DHCPStaticRoute]) -> [UInt8] {
        [UInt8](capacity: value.count * 8) { output in
            for route in value {
                output.append(be32: route.destination.bits)
                output.append(be32: route.router.bits)
            }
        }
    }
}

/// Where packets to an address, or to the network of class A, B or C that it names, go.
package struct DHCPStaticRoute: Hashable, Sendable {
    package let destination: IPv4Address
    package let router: IPv4Address

    package init(destination: IPv4Address, router: IPv4Address) {
        self.destination = destination
        self.router = router
    }

    /// nil when the option cannot say it: the prefix is neither a host nor its class's, or the router is the link.
    package init?(_ route: DHCPRoute) {
        let network = route.destination.network
        let length = route.destination.prefixLength
        let classLength = network.bits >> 31 == 0 ? 8 : network.bits >> 30 == 2 ? 16 : 24
        guard network != .any, route.router != .any, length == 32 || length == classLength else { return nil }
        self.init(destination: network, router: route.router)
    }
}

extension DHCPOption where Kind == DHCPStaticRoutesOption {
    package static var staticRoutes: Self { Self(.staticRoutes) }
}
