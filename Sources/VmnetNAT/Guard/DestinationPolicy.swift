package import VmnetWire

/// What an address is to the NAT.
enum Destination: Equatable {
    /// The host itself, when services there are allowed; always the resolver and the echo of the gateway.
    case gateway
    /// The address at which the gateway offers the host's resolver; IPv4 guests are told the gateway's own.
    case resolver
    case outside
    /// Outside, on a network that does not reach there: the guest may answer, and open nothing.
    case beyond
    /// Nobody may be reached there through the host, but the guest is told so.
    case prohibited
    /// Broadcast and multicast: no answer, not even an error.
    case group
}

/// Where a guest's packets may go.
///
/// libslirp translates the gateway's address only: any other address is used on the host as it stands, so that 127.0.0.1
/// or 0.0.0.0 would reach the host's loopback interface, and an address of the guest's own subnet whatever the host has
/// there. Link-local addresses lead to the metadata services of clouds.
struct DestinationPolicy: Equatable, Sendable {
    let gateway: IPv4Address
    let subnet: IPv4Subnet
    let addresses6: GatewayAddresses6?
    let reachesOutside: Bool
    let reachesOutside6: Bool
    let offersResolver: Bool

    @inline(__always)
    func destination(_ address: IPv4Address) -> Destination {
        if address == gateway { return .gateway }
        if subnet.contains(address) { return address == subnet.broadcast ? .group : .prohibited }
        if address.isMulticast || address == .broadcast { return .group }
        return address.isLoopback || address.isThisNetwork || address.isLinkLocal || address.isReserved
            ? .prohibited : reachesOutside ? .outside : .beyond
    }

    /// Whether the address is one that a guest may have.
    @inline(__always)
    func isGuest(_ address: IPv4Address) -> Bool {
        subnet.contains(address) && address != gateway && address != subnet.network && address != subnet.broadcast
    }

    func destination(_ address: IPv6Address) -> Destination {
        guard let addresses6 else { return .prohibited }
        if address.isMulticast { return .group }
        if address == addresses6.gateway { return .gateway }
        if address == addresses6.resolver { return offersResolver ? .resolver : .prohibited }
        // libslirp sends whatever else is in the prefix to the host's ::1.
        let isSpecial = address == .any || address == .loopback || address.embedsIPv4 || address.isLinkLocal
        return isSpecial || addresses6.contains(address) ? .prohibited : reachesOutside6 ? .outside : .beyond
    }

    /// Whether a packet to the router's link-local address may be answered, which only an echo request is.
    func isLocalEcho(_ header: IPv6Header) -> Bool {
        header.nextHeader == .icmpv6 && header.destination == addresses6?.linkLocal
            && (header.source.isLinkLocal && header.source != addresses6?.linkLocal || isGuest(header.source))
    }

    func isGuest(_ address: IPv6Address) -> Bool {
        guard let addresses6 else { return false }
        return addresses6.contains(address) && address != addresses6.gateway && address != addresses6.resolver
    }
}

/// The addresses of the NAT's own side of the guest's IPv6 network.
package struct GatewayAddresses6: Equatable, Sendable {
    /// The prefix's first 64 bits; stateless autoconfiguration needs exactly as many (RFC 4862, 5.5.3 d).
    static let prefixLength = 64

    let prefix: IPv6Address
    /// libslirp announces itself as fe80::2, and answers there only for the host part of its own address.
    package var linkLocal: IPv6Address { IPv6Address(high: 0xfe80_0000_0000_0000, low: 2) }
    package var gateway: IPv6Address { IPv6Address(high: prefix.high, low: 2) }
    package var resolver: IPv6Address { IPv6Address(high: prefix.high, low: 3) }

    package init(prefix: IPv6Address) {
        self.prefix = IPv6Address(high: prefix.high, low: 0)
    }

    package func contains(_ address: IPv6Address) -> Bool { address.high == prefix.high }
}
