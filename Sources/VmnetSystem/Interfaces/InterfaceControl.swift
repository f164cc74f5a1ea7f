import CVmnetLinux
import Glibc
import SystemPackage

/// Sets up network interfaces of this thread's network namespace. The corresponding C calls are the `SIOCS...` ioctls
/// of netdevice(7); they need CAP_NET_ADMIN there. Addresses are IPv4, in host order.
package struct InterfaceControl: ~Copyable {
    private let socket: Descriptor

    /// Belongs to the network namespace that the thread is in now.
    package init() throws(SystemError) {
        socket = Descriptor(
            owning: try SystemCall.run("create a control socket") {
                Glibc.socket(AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
            })
    }

    /// The low 48 bits are the address, first octet highest. The interface must be down.
    package borrowing func setMACAddress(_ bits: UInt64, of interface: String) throws(SystemError) {
        var request = try InterfaceRequest(interface)
        request.store(sockaddr(ethernet: bits))
        try perform(SIOCSIFHWADDR, &request, "set the MAC address of \(interface)")
    }

    /// In bytes of IP packet.
    package borrowing func setMTU(_ mtu: Int, of interface: String) throws(SystemError) {
        var request = try InterfaceRequest(interface)
        request.store(Int32(clamping: mtu))
        try perform(SIOCSIFMTU, &request, "set the MTU of \(interface) to \(mtu)")
    }

    package borrowing func bringUp(_ interface: String) throws(SystemError) {
        var request = try InterfaceRequest(interface)
        try perform(SIOCGIFFLAGS, &request, "read the state of \(interface)")
        request.flags |= Int16(IFF_UP)
        try perform(SIOCSIFFLAGS, &request, "bring \(interface) up")
    }

    /// Address first, then mask: setting the address resets the mask to its class's.
    package borrowing func setAddress(_ address: UInt32, mask: UInt32, of interface: String) throws(SystemError) {
        var request = try InterfaceRequest(interface)
        request.store(sockaddr(ipv4: address))
        try perform(SIOCSIFADDR, &request, "set the address of \(interface)")
        request.store(sockaddr(ipv4: mask))
        try perform(SIOCSIFNETMASK, &request, "set the subnet mask of \(interface)")
    }

    /// Adds a route; zero for destination and mask makes it the default one.
    ///
    /// - Parameter gateway: on the link of the interface; nil when the destination itself is.
    package borrowing func addRoute(
        to destination: UInt32, mask: UInt32, through gateway: UInt32?, of interface: String
    ) throws(SystemError) {
        let raw = socket.raw
        // Safety: a structure of zeros.
        var route = unsafe rtentry()
        unsafe route.rt_dst = sockaddr(ipv4: destination)
        unsafe route.rt_genmask = sockaddr(ipv4: mask)
        unsafe route.rt_gateway = sockaddr(ipv4: gateway ?? 0)
        unsafe route.rt_flags = UInt16(RTF_UP) | (gateway == nil ? 0 : UInt16(RTF_GATEWAY))
        var name = interface.utf8CString
        // Safety: the kernel reads the route and the name that it points to during the call.
        try unsafe name.withUnsafeMutableBufferPointer { name throws(SystemError) in
            unsafe route.rt_dev = name.baseAddress
            _ = try SystemCall.run("add a route on \(interface)") {
                unsafe ovn_ioctl_pointer(raw, UInt(SIOCADDRT), &route)
            }
        }
    }

    private borrowing func perform(
        _ operation: Int32, _ request: inout InterfaceRequest, _ name: @autoclosure () -> String
    ) throws(SystemError) {
        let raw = socket.raw
        // Safety: the request is as long as an ifreq, which the kernel reads and writes during the call.
        try SystemCall.run(name()) { unsafe ovn_ioctl_pointer(raw, UInt(operation), &request.bytes) }
    }
}

extension sockaddr {
    /// An IPv4 address in host order, without a port.
    fileprivate init(ipv4 address: UInt32) {
        self.init()
        sa_family = sa_family_t(AF_INET)
        // Safety: as in sockaddr_in, the address stands at offset 4; a sockaddr has 16 bytes.
        unsafe withUnsafeMutableBytes(of: &self) {
            unsafe $0.storeBytes(of: address.bigEndian, toByteOffset: 4, as: UInt32.self)
        }
    }

    /// An Ethernet address, the first octet highest in the low 48 bits.
    fileprivate init(ethernet bits: UInt64) {
        self.init()
        sa_family = sa_family_t(ARPHRD_ETHER)
        // Safety: the six octets stand at offset 2; a sockaddr has 16 bytes.
        unsafe withUnsafeMutableBytes(of: &self) {
            unsafe $0.storeBytes(of: (bits << 16).bigEndian, toByteOffset: 2, as: UInt64.self)
        }
    }
}
