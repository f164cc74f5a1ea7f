import CVmnetLinux
import Glibc

/// Sockets below TCP and UDP. They need CAP_NET_RAW in the network namespace.
extension BlockingSocket {
    /// ICMP messages to and from one IPv4 address. What is sent begins with the ICMP header; what is received, with
    /// the IP header (raw(7)).
    package static func icmp(to address: UInt32) throws(SystemError) -> BlockingSocket {
        let socket = BlockingSocket(
            Descriptor(
                owning: try SystemCall.run("create an ICMP socket") {
                    Glibc.socket(AF_INET, Int32(SOCK_RAW.rawValue | SOCK_CLOEXEC.rawValue), Int32(IPPROTO_ICMP))
                }))
        let raw = socket.descriptor.raw
        // Safety: the kernel copies the address during the call.
        try unsafe withSocketAddress(address, port: 0) { address, length throws(SystemError) in
            _ = try SystemCall.run("connect an ICMP socket") { unsafe Glibc.connect(raw, address, length) }
        }
        return socket
    }

    /// Ethernet frames that carry IPv4, of one interface, before and beside the kernel's own IP: a DHCP client has no
    /// address yet. What is sent and received begins with the Ethernet header (packet(7), SOCK_RAW).
    package static func ethernet(on interface: String) throws(SystemError) -> BlockingSocket {
        let index = try SystemCall.run("find the interface \(interface)") { () -> Int in
            // Safety: the name is lent for the call.
            let index = unsafe if_nametoindex(interface)
            return index == 0 ? -1 : Int(index)
        }
        // Protocol 0 first: no packet arrives before the socket is bound to its interface.
        let socket = BlockingSocket(
            Descriptor(
                owning: try SystemCall.run("create a packet socket") {
                    Glibc.socket(AF_PACKET, Int32(SOCK_RAW.rawValue | SOCK_CLOEXEC.rawValue), 0)
                }))
        let raw = socket.descriptor.raw
        let name = sockaddr_ll(
            sll_family: UInt16(AF_PACKET), sll_protocol: UInt16(ETH_P_IP).bigEndian, sll_ifindex: Int32(index),
            sll_hatype: 0, sll_pkttype: 0, sll_halen: 0, sll_addr: (0, 0, 0, 0, 0, 0, 0, 0))
        // Safety: sockaddr_ll begins as every sockaddr does, and the length says how much is there; the kernel copies it.
        try unsafe withUnsafePointer(to: name) { pointer throws(SystemError) in
            let address = unsafe UnsafeRawPointer(pointer).assumingMemoryBound(to: sockaddr.self)
            let length = socklen_t(MemoryLayout<sockaddr_ll>.size)
            _ = try SystemCall.run("bind a packet socket to \(interface)") { unsafe bind(raw, address, length) }
        }
        return socket
    }
}
