// swift-format-ignore-file: AlwaysUseLowerCamelCase

package import CVmnet
import Glibc
import OpenVmnet
import VmnetSystem
import VmnetWire

// <vmnet/vmnet.h>: what a network is made from.
//
// Safety, for these functions: pointers are what the header says they are.

@c @implementation
package func vmnet_network_configuration_create(
    _ mode: vmnet_mode_t, _ status: UnsafeMutablePointer<vmnet_return_t>?
) -> vmnet_network_configuration_ref? {
    unsafe reference(status, "vmnet_network_configuration_create") { () throws(VmnetError) in
        let mode = try OperationMode(UInt64(mode))
        guard mode != .bridged else {
            throw VmnetError(
                .invalidArgument, "a bridged network has no configuration",
                hint: "use VMNET_HOST_MODE or VMNET_SHARED_MODE, or vmnet_start_interface")
        }
        return unsafe NetworkPlan(mode).owned
    }
}

@c @implementation
package func vmnet_network_configuration_set_external_interface(
    _ config: vmnet_network_configuration_ref?, _ ifname: UnsafePointer<CChar>?
) -> vmnet_return_t {
    unsafe change(config, "vmnet_network_configuration_set_external_interface") { plan throws(VmnetError) in
        guard let ifname = unsafe ifname else { throw .missing("name of the interface") }
        try plan.setExternalInterface(unsafe String(cString: ifname))
    }
}

@c @implementation
package func vmnet_network_configuration_set_ipv4_subnet(
    _ config: vmnet_network_configuration_ref?, _ subnet_addr: UnsafePointer<in_addr>?,
    _ subnet_mask: UnsafePointer<in_addr>?
) -> vmnet_return_t {
    unsafe change(config, "vmnet_network_configuration_set_ipv4_subnet") { plan throws(VmnetError) in
        guard let address = unsafe subnet_addr, let mask = unsafe subnet_mask else { throw .missing("subnet") }
        try plan.setSubnet(unsafe IPv4Address(reading: address), mask: unsafe IPv4Address(reading: mask))
    }
}

@c @implementation
package func vmnet_network_configuration_set_ipv6_prefix(
    _ config: vmnet_network_configuration_ref?, _ prefix: UnsafePointer<in6_addr>?, _ prefix_len: UInt8
) -> vmnet_return_t {
    unsafe change(config, "vmnet_network_configuration_set_ipv6_prefix") { plan throws(VmnetError) in
        guard let prefix = unsafe prefix else { throw .missing("prefix") }
        try plan.setPrefix(unsafe IPv6Address(prefix.pointee), length: prefix_len)
    }
}

@c @implementation
package func vmnet_network_configuration_set_mtu(
    _ config: vmnet_network_configuration_ref?, _ mtu: UInt32
) -> vmnet_return_t {
    unsafe change(config, "vmnet_network_configuration_set_mtu") { plan throws(VmnetError) in
        guard NetworkConfiguration.mtuRange.contains(Int(mtu)) else {
            let range = NetworkConfiguration.mtuRange
            throw VmnetError(
                .invalidArgument, "\(mtu) is no MTU of a network",
                hint: "use a number from \(range.lowerBound) to \(range.upperBound)")
        }
        plan.mtu = Int(mtu)
    }
}

@c @implementation
package func vmnet_network_configuration_add_dhcp_reservation(
    _ config: vmnet_network_configuration_ref?, _ client: UnsafePointer<ether_addr_t>?,
    _ reservation: UnsafePointer<in_addr>?
) -> vmnet_return_t {
    unsafe change(config, "vmnet_network_configuration_add_dhcp_reservation") { plan throws(VmnetError) in
        guard let client = unsafe client, let address = unsafe reservation else { throw .missing("reservation") }
        // Safety: the six octets of the address.
        let bits = unsafe withUnsafeBytes(of: client.pointee) { octets in
            unsafe octets.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        }
        try plan.reserve(unsafe IPv4Address(reading: address), for: MACAddress(bits: bits))
    }
}

@c @implementation
package func vmnet_network_configuration_add_port_forwarding_rule(
    _ config: vmnet_network_configuration_ref?, _ protocolNumber: UInt8, _ address_family: sa_family_t,
    _ internal_port: UInt16, _ external_port: UInt16, _ internal_address: UnsafeRawPointer?
) -> vmnet_return_t {
    unsafe change(config, "vmnet_network_configuration_add_port_forwarding_rule") { plan throws(VmnetError) in
        guard let address = unsafe internal_address else { throw .missing("internal address") }
        try checkFamily(Int32(address_family))
        try plan.add(
            ForwardingRule(
                protocolNumber: protocolNumber, externalPort: external_port,
                internalAddress: unsafe IPv4Address(reading: address), internalPort: internal_port))
    }
}

@c @implementation
package func vmnet_network_configuration_disable_nat44(_ config: vmnet_network_configuration_ref?) {
    unsafe NetworkPlan.lent(config)?.omissions.insert(.nat44)
}

@c @implementation
package func vmnet_network_configuration_disable_nat66(_ config: vmnet_network_configuration_ref?) {
    unsafe NetworkPlan.lent(config)?.omissions.insert(.nat66)
}

@c @implementation
package func vmnet_network_configuration_disable_dhcp(_ config: vmnet_network_configuration_ref?) {
    unsafe NetworkPlan.lent(config)?.omissions.insert(.dhcp)
}

@c @implementation
package func vmnet_network_configuration_disable_dns_proxy(_ config: vmnet_network_configuration_ref?) {
    unsafe NetworkPlan.lent(config)?.omissions.insert(.dnsProxy)
}

@c @implementation
package func vmnet_network_configuration_disable_router_advertisement(_ config: vmnet_network_configuration_ref?) {
    unsafe NetworkPlan.lent(config)?.omissions.insert(.routerAdvertisement)
}

/// Runs `body` with the configuration, and says what became of it.
private func change(
    _ config: vmnet_network_configuration_ref?, _ function: String, _ body: (NetworkPlan) throws(VmnetError) -> Void
) -> vmnet_return_t {
    status(of: function) { () throws(VmnetError) in
        guard let plan = unsafe NetworkPlan.lent(config) else { throw .missing("configuration") }
        try body(plan)
    }
}

extension IPv6Address {
    /// From network order.
    fileprivate init(_ address: in6_addr) {
        // Safety: sixteen bytes.
        let (high, low) = unsafe withUnsafeBytes(of: address) { bytes in
            unsafe (bytes.load(as: UInt64.self), bytes.load(fromByteOffset: 8, as: UInt64.self))
        }
        self.init(high: UInt64(bigEndian: high), low: UInt64(bigEndian: low))
    }
}
