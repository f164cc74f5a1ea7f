/// Routes with a prefix length each (RFC 3442).
///
/// ```
/// +--------+---------------------------+------------+
/// | length | (length + 7) / 8 octets   | router (4) |   repeated; the octets are those of the destination
/// +--------+---------------------------+------------+
/// ```
package enum DHCPClasslessRoutesOption: DHCPOptionKind {
    package static func value(of bytes: Span<UInt8>) -> [DHCPRoute]? {
        var routes: [DHCPRoute] = []
        var offset = 0
        while offset < bytes.count {
            let length = Int(bytes[offset])
            let octetCount = (length + 7) / 8
            guard length <= 32, bytes.count - offset >= 1 + octetCount + 4 else { return nil }
            var bits: UInt32 = 0
            for index in 0..<octetCount {
                bits |= UInt32(bytes[offset + 1 + index]) << UInt32(24 - 8 * index)
            }
            let destination = IPv4Subnet(containing: IPv4Address(bits: bits), prefixLength: length)
            guard let destination else { return nil }
            offset += 1 + octetCount
            routes.append(DHCPRoute(destination: destination, router: IPv4Address(bits: bytes.be32(at: offset))))
            offset += 4
        }
        return routes.isEmpty ? nil : routes
    }

    package static func bytes(of value: [DHCPRoute]) -> [UInt8] {
        value.flatMap { route in
            let length = route.destination.prefixLength
            let octets = DHCPAddressOption.bytes(of: route.destination.network).prefix((length + 7) / 8)
            return [UInt8(length)] + octets + DHCPAddressOption.bytes(of: route.router)
        }
    }
}

/// Where packets to a subnet go.
package struct DHCPRoute: Hashable, Sendable {
    package let destination: IPv4Subnet
    /// 0.0.0.0: the destination is on the link itself.
    package let router: IPv4Address

    package init(destination: IPv4Subnet, router: IPv4Address) {
        self.destination = destination
        self.router = router
    }
}

extension DHCPOption where Kind == DHCPClasslessRoutesOption {
    /// A client that knows it ignores the routers and static routes options: the default route has to be in it.
    package static var classlessRoutes: Self { Self(.classlessRoutes) }
    package static var microsoftClasslessRoutes: Self { Self(.microsoftClasslessRoutes) }
}
