import VmnetSystem
import VmnetWire

/// A network that this host uses already: one of an interface's, or the destination of a route.
struct HostSubnet {
    let subnet: IPv4Subnet
    /// `eth0`; nil for a route without one, such as a blackhole.
    let interface: String?

    /// Those that the host uses now; the default route uses none.
    static func all() throws(SystemError) -> [HostSubnet] {
        let addresses = try InterfaceList.ipv4Addresses().map {
            (prefix: $0.address, interface: $0.interface as String?)
        }
        let routes = try RouteList.ipv4().filter { !$0.isDefault }
            .map { (prefix: $0.destination, interface: $0.interface) }
        return (addresses + routes).compactMap { use in
            IPv4Subnet(containing: IPv4Address(bits: use.prefix.bits), prefixLength: use.prefix.prefixLength)
                .map { HostSubnet(subnet: $0, interface: use.interface) }
        }
    }
}
