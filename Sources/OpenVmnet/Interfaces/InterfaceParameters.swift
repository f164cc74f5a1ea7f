import VmnetPorts
public import VmnetWire

/// What an interface is: what its guest has to be told, and what its own program has to know.
public struct InterfaceParameters: Equatable, Sendable {
    /// The most packets of one read or write, as vmnet has it.
    public static let packetLimit = 256

    /// The interface's identity.
    public let id: InterfaceID
    /// The address that the guest is to use.
    public let macAddress: MACAddress
    /// The largest IP packet of the network, in bytes.
    public let mtu: Int
    /// The longest packet, in bytes: Ethernet header and MTU, or 65549 with TSO, and 12 more with a virtio-net header.
    public let maximumPacketByteCount: Int
    /// Gateway, DHCP pool and subnet; nil in networks that give out no addresses.
    public let addresses: AddressRange?
    /// The IPv6 /64 that guests get addresses in; nil without IPv6.
    public let nat66Prefix: IPv6Address?
    /// The most packets that a read takes in one call.
    public let readLimit: Int
    /// The most packets that a write takes in one call.
    public let writeLimit: Int

    init(
        id: InterfaceID, macAddress: MACAddress, mtu: Int, maximumPacketByteCount: Int, addresses: AddressRange?,
        nat66Prefix: IPv6Address?
    ) {
        self.id = id
        self.macAddress = macAddress
        self.mtu = mtu
        self.maximumPacketByteCount = maximumPacketByteCount
        self.addresses = addresses
        self.nat66Prefix = nat66Prefix
        readLimit = Self.packetLimit
        writeLimit = Self.packetLimit
    }
}
