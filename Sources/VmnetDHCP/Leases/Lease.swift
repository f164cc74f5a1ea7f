package import VmnetWire

/// An address that a client has, or had last.
package struct Lease: Equatable, Sendable {
    package let address: IPv4Address
    package var hardwareAddress: MACAddress
    /// Option 61 as the client sent it.
    package var identifier: DHCPClientIdentifier?
    package var hostName: HostName?
    /// When the lease ends, or ended: a client is remembered after that, so that it gets the same address again.
    package var expiry: LeaseTime

    package init(
        address: IPv4Address, hardwareAddress: MACAddress, identifier: DHCPClientIdentifier? = nil,
        hostName: HostName? = nil, expiry: LeaseTime
    ) {
        self.address = address
        self.hardwareAddress = hardwareAddress
        self.identifier = identifier
        self.hostName = hostName
        self.expiry = expiry
    }

    /// Who it belongs to.
    package var client: LeaseClient { LeaseClient(hardwareAddress: hardwareAddress, identifier: identifier) }
}

/// What tells clients apart: the identifier and the hardware address together.
///
/// RFC 2131, 4.2 has the identifier alone decide. Machines cloned from one image all send the same one, and would all
/// get one address; so the same identifier with another hardware address is the same client only when the table says
/// so (`LeaseTable.binding`).
package struct LeaseClient: Hashable, Sendable {
    package let hardwareAddress: MACAddress
    /// nil also when it says no more than the hardware address does: a boot loader that sends it and a system that
    /// does not are the same client.
    package let identifier: DHCPClientIdentifier?

    package init(hardwareAddress: MACAddress, identifier: DHCPClientIdentifier?) {
        self.hardwareAddress = hardwareAddress
        self.identifier = identifier?.isEthernet(hardwareAddress) == true ? nil : identifier
    }
}

/// What the lease file does not say yet.
package enum LeaseChange: Equatable, Sendable {
    /// The address was leased, its lease renewed, or ended: the expiry tells.
    case set(Lease)
    /// Nobody is remembered at the address any more.
    case forget(IPv4Address)
}
