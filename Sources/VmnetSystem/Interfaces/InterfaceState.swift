import CVmnetLinux
import Glibc
import SystemPackage

/// What a network interface is like at one moment, as netdevice(7) tells.
package struct InterfaceState: Equatable, Sendable {
    package let index: Int32
    /// `eth0`.
    package let name: String
    /// The largest IP packet, in bytes.
    package let mtu: Int
    /// The hardware address in the low 48 bits, the first octet highest.
    package let macBits: UInt64
    /// Whether it is up, and has a carrier.
    package let isRunning: Bool
    /// Whether its frames are Ethernet's.
    package let isEthernet: Bool

    /// Asks for the interface of that name; nil when there is none.
    ///
    /// - Parameter raw: any socket of the network namespace that is meant.
    init?(named name: String, through raw: Int32) throws(SystemError) {
        var request = try InterfaceRequest(name)
        // Safety: the request is as long as an ifreq, which the kernel reads and writes during the call.
        let result = SystemCall.result { unsafe ovn_ioctl_pointer(raw, UInt(SIOCGIFINDEX), &request.bytes) }
        guard case .success = result else { return nil }
        try self.init(request.load(Int32.self), through: raw)
    }

    /// Asks for the interface of that number. Throws ENODEV when there is none.
    init(_ index: Int32, through raw: Int32) throws(SystemError) {
        var request = InterfaceRequest()
        request.store(index)
        func ask(_ operation: Int32) throws(SystemError) {
            try SystemCall.run("ask for the interface \(index)") {
                // Safety: the request is as long as an ifreq, which the kernel reads and writes during the call.
                unsafe ovn_ioctl_pointer(raw, UInt(operation), &request.bytes)
            }
        }
        try ask(SIOCGIFNAME)
        try ask(SIOCGIFMTU)
        mtu = Int(request.load(Int32.self))
        try ask(SIOCGIFFLAGS)
        isRunning = Int(request.flags) & (IFF_UP | IFF_RUNNING) == IFF_UP | IFF_RUNNING
        try ask(SIOCGIFHWADDR)
        let address = request.load(sockaddr.self)
        isEthernet = Int32(address.sa_family) == ARPHRD_ETHER
        // Safety: the six octets stand at offset 2; a sockaddr has 16 bytes.
        macBits = unsafe withUnsafeBytes(of: address) { bytes in
            unsafe UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 2, as: UInt64.self)) >> 16
        }
        name = request.name
        self.index = index
    }
}
