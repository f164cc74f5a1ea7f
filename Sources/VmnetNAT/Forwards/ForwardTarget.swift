package import VmnetWire

/// The network's name for a port forward, by which connections and datagrams are told to belong to it.
package struct ForwardID: RawRepresentable, Hashable, Sendable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) {
        self.rawValue = rawValue
    }
}

/// Where a port forward leads to: a port of the guest.
package struct ForwardTarget: Hashable, Sendable {
    package let address: IPv4Address
    package let port: UInt16
    /// The station that has the address.
    package let station: MACAddress

    package init(address: IPv4Address, port: UInt16, station: MACAddress) {
        self.address = address
        self.port = port
        self.station = station
    }
}

extension DestinationPolicy {
    /// Ports that the filter gives a meaning of its own in what a guest sends there: DHCP's.
    private static let servicePorts: Set<UInt16> = [67, 68, 546, 547]
    private static let resolverPort: UInt16 = 53

    /// Whether the guest knows a client of a forward by its own address: one that the guest could send to as well.
    ///
    /// It knows any other as the gateway: a client on this host's loopback, one of another family or without an
    /// address, and every client where there is no way out, because it could not answer there.
    func showsItself(_ peer: IPv6Address, port: UInt16) -> Bool {
        peer.isMapped && destination(peer.mapped) == .outside && !Self.servicePorts.contains(port)
    }

    /// Whether a client may appear at this port of the gateway.
    func mayAppear(atGatewayPort port: UInt16) -> Bool {
        port != 0 && port != Self.resolverPort && !Self.servicePorts.contains(port)
    }
}
