import VmnetDHCP
import VmnetNAT
import VmnetWire

/// A configuration with its free choices made, and what each part of the network gets of it.
struct ResolvedConfiguration: Sendable {
    let network: NetworkConfiguration
    let addresses: AddressRange

    var gateway: IPv4Address { addresses.start }
    var gatewayMAC: MACAddress { GuestNAT.gatewayMAC(for: gateway) }

    /// Ethernet header, VLAN tag and an IP packet of the network's MTU, in bytes.
    var maximumFrameByteCount: Int { EthernetHeader.byteCount + 4 + network.mtu }

    /// Of every guest's NAT.
    var nat: NATConfiguration {
        NATConfiguration(
            gatewayAddress: gateway, subnet: addresses.subnet, mtu: network.mtu,
            allowsHostLoopback: network.allowsHostLoopback, nat66Prefix: network.nat66Prefix)
    }

    /// Of the DHCP server.
    var dhcp: DHCPServerConfiguration {
        get throws(DHCPConfigurationError) {
            try DHCPServerConfiguration(
                gateway: gateway, last: addresses.end, mask: addresses.subnet.mask, mtu: network.mtu)
        }
    }
}
