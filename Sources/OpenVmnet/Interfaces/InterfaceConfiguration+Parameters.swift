import VmnetPorts
import VmnetWire

extension InterfaceConfiguration {
    /// What packets look like at an interface that was asked for so, on a network with this MTU.
    func format(mtu: Int) -> PacketFormat {
        PacketFormat(
            mtu: mtu, joinsSegments: enablesTSO, leavesChecksums: enablesChecksumOffload,
            hasVirtioHeader: hasVirtioHeader)
    }

    /// What such an interface is. One without an identity gets a new one, and one without an address that of its identity.
    func parameters(
        _ format: PacketFormat, addresses: AddressRange?, nat66Prefix: IPv6Address?
    ) -> InterfaceParameters {
        let id = id ?? InterfaceID()
        return InterfaceParameters(
            id: id, macAddress: macAddress ?? MACAddress(of: id), mtu: format.mtu,
            maximumPacketByteCount: format.maximumPacketByteCount, addresses: addresses, nat66Prefix: nat66Prefix)
    }
}
