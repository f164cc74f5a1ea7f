package import VmnetWire

/// An address, and perhaps a name, that one client always gets and nobody else does.
package struct DHCPReservation: Equatable, Sendable {
    package enum Client: Hashable, Sendable {
        case hardwareAddress(MACAddress)
        /// Option 61.
        case identifier(DHCPClientIdentifier)
    }

    package let client: Client
    package let address: IPv4Address
    package let hostName: HostName?

    package init(client: Client, address: IPv4Address, hostName: HostName? = nil) {
        self.client = client
        self.address = address
        self.hostName = hostName
    }
}

extension DHCPReservation.Client: CustomStringConvertible {
    package var description: String {
        switch self {
        case .hardwareAddress(let address): "\(address)"
        case .identifier(let identifier): "client id \(identifier)"
        }
    }
}
