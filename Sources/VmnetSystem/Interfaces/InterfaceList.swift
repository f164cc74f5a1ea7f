import CVmnetLinux
import Glibc

/// The IPv4 addresses of this network namespace's interfaces.
package enum InterfaceList {
    package struct Address: Hashable, Sendable {
        /// `eth0`.
        package let interface: String
        /// The interface's own address, host bits included.
        package let address: IPv4Prefix

        package init(interface: String, address: IPv4Prefix) {
            self.interface = interface
            self.address = address
        }
    }

    /// Asks the kernel (rtnetlink(7), RTM_GETADDR). Blocks for the answer, which is there at once.
    package static func ipv4Addresses() throws(SystemError) -> [Address] {
        var addresses: [Address] = []
        try Netlink.dump(UInt16(RTM_GETADDR), family: UInt8(AF_INET)) { message in
            // struct ifaddrmsg: family, prefix length, flags, scope, and a 32-bit interface index.
            guard message.type == RTM_NEWADDR, message.payload.count >= 8 else { return }
            let prefixLength = Int(message.payload[1])
            let index = message.payload.word(at: 4)
            let attributes = message.attributes(after: 8)
            // On a point-to-point link IFA_ADDRESS is the other end, and IFA_LOCAL ours.
            guard let bits = attributes[UInt16(IFA_LOCAL)]?.address ?? attributes[UInt16(IFA_ADDRESS)]?.address
            else { return }
            addresses.append(
                Address(
                    interface: InterfaceName.of(index), address: IPv4Prefix(bits: bits, prefixLength: prefixLength)))
        }
        return addresses
    }
}
