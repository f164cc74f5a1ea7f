import CVmnetLinux
import Glibc
import SystemPackage

/// A TAP interface, seen from the program that carries its frames (Linux, Documentation/networking/tuntap.rst).
///
/// The kernel removes the interface when its last descriptor is closed. It is created in the calling thread's network
/// namespace; afterwards the descriptor works from any.
package struct TapInterface: ~Copyable, Sendable {
    package let descriptor: Descriptor
    /// The interface's name: `eth0`.
    package let name: String
    /// Whether a 12-byte virtio-net header stands before each frame, in both directions.
    ///
    /// With it the kernel leaves checksums and the cutting of segments to whoever reads, and does both for what is
    /// written.
    package let hasVirtioHeader: Bool
    /// Whether the kernel cuts and joins UDP datagrams too, which needs Linux 6.2.
    package let cutsDatagrams: Bool

    /// Creates the interface `name`, or attaches to it when it exists and belongs to this user; it is still down.
    ///
    /// - Parameters:
    ///   - name: at most 15 bytes; a `%d` in it becomes the first free number.
    ///   - hasVirtioHeader: asks for the header, and with it for every offload that the kernel knows.
    package init(creating name: String, hasVirtioHeader: Bool) throws(SystemError) {
        let descriptor = try Self.openDevice()
        // Safety: a structure of zeros, whose union is only used as each request defines it.
        var request = unsafe ifreq()
        let bytes = Array(name.utf8)
        guard (1..<Self.nameCapacity).contains(bytes.count), !bytes.contains(0) else {
            throw SystemError(
                "create the TAP interface \"\(name)\"", .invalidArgument,
                remedy: "an interface's name has 1 to \(Self.nameCapacity - 1) bytes")
        }
        // Safety: the name fits with its closing zero.
        unsafe withUnsafeMutableBytes(of: &request.ifr_ifrn) { unsafe $0.copyBytes(from: bytes) }
        let flags = IFF_TAP | IFF_NO_PI | (hasVirtioHeader ? IFF_VNET_HDR : 0)
        unsafe request.ifr_ifru.ifru_flags = Int16(truncatingIfNeeded: flags)
        // Safety: as in `control`.
        if case .failure(let error) = unsafe Self.control(descriptor.raw, ovn_tunsetiff(), &request) {
            throw Self.creationError(name, error)
        }
        self = try TapInterface(adopting: descriptor)
    }

    /// Takes over a descriptor that is attached to a TAP interface already, made by whomever.
    ///
    /// Chooses the offloads, whatever its maker asked for, and makes it non-blocking. Throws EINVAL for a TUN
    /// interface, and for one with IFF_NO_PI unset, whose frames have a header that nobody reads.
    package init(adopting descriptor: consuming Descriptor) throws(SystemError) {
        let raw = descriptor.raw
        // Safety: as in `control`.
        var request = unsafe ifreq()
        if case .failure(let error) = unsafe Self.control(raw, ovn_tungetiff(), &request) {
            throw SystemError("use descriptor \(raw) as a TAP interface", error)
        }
        // Safety: TUNGETIFF has filled in the flags and a name that ends with a zero.
        let flags = unsafe Int32(UInt16(bitPattern: request.ifr_ifru.ifru_flags))
        let name = unsafe withUnsafeBytes(of: request.ifr_ifrn) {
            unsafe String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
        }
        guard flags & IFF_TAP != 0, flags & IFF_NO_PI != 0 else {
            throw SystemError(
                "use the interface \(name)", .invalidArgument,
                remedy: "it has to be a TAP interface (not TUN) without packet information (IFF_NO_PI)")
        }
        let hasVirtioHeader = flags & IFF_VNET_HDR != 0
        let cutsDatagrams = hasVirtioHeader ? try Self.agreeOnHeader(raw, name: name) : false
        try descriptor.setNonBlocking()
        self.descriptor = descriptor
        self.name = name
        self.hasVirtioHeader = hasVirtioHeader
        self.cutsDatagrams = cutsDatagrams
    }

    /// Whether the descriptor is attached to a TUN or TAP interface.
    package static func isInterface(_ raw: Int32) -> Bool {
        // Safety: as in `control`.
        var request = unsafe ifreq()
        if case .success = unsafe control(raw, ovn_tungetiff(), &request) { return true }
        return false
    }

    /// Gives the descriptor away; with it goes the interface.
    package consuming func takeDescriptor() -> Descriptor { descriptor }

    /// IFNAMSIZ.
    private static let nameCapacity = 16

    private static func openDevice() throws(SystemError) -> Descriptor {
        do throws(SystemError) {
            return try File.open("/dev/net/tun", O_RDWR | O_NONBLOCK, mode: 0, for: "open")
        } catch {
            let remedy =
                switch error.errno {
                case .noSuchFileOrDirectory, .operationNotSupportedByDevice, .noSuchAddressOrDevice:
                    "load the module as root: modprobe tun; in a container, pass the device in: --device /dev/net/tun"
                case .permissionDenied, .notPermitted:
                    "let your user open it: chmod 0666 /dev/net/tun, which is what most distributions do"
                default: nil as String?
                }
            throw SystemError(error.operation, error.errno, remedy: remedy)
        }
    }

    private static func creationError(_ name: String, _ error: Errno) -> SystemError {
        let remedy =
            switch error {
            case .notPermitted:
                "it needs CAP_NET_ADMIN in its network namespace, which a user namespace gives without root"
            case .resourceBusy: "another program uses the interface; choose another name"
            case .invalidArgument: "an interface of that name exists, and is not a TAP interface of this kind"
            default: nil as String?
            }
        return SystemError("create the TAP interface \(name)", error, remedy: remedy)
    }

    /// virtio 1.2's header, little-endian, and all offloads. Returns whether those of UDP are among them.
    private static func agreeOnHeader(_ raw: Int32, name: String) throws(SystemError) -> Bool {
        var byteCount: Int32 = 12
        var isLittleEndian: Int32 = 1
        let operation = "set up the virtio-net header of the interface \(name)"
        // Safety: each request takes an integer, by pointer or by value.
        try SystemCall.run(operation) { unsafe ovn_ioctl_pointer(raw, ovn_tunsetvnethdrsz(), &byteCount) }
        try SystemCall.run(operation) { unsafe ovn_ioctl_pointer(raw, ovn_tunsetvnetle(), &isLittleEndian) }
        let all = SystemCall.result {
            ovn_ioctl_value(raw, ovn_tunsetoffload(), Offload.segments | Offload.datagrams)
        }
        if case .success = all { return true }
        try SystemCall.run(operation) { ovn_ioctl_value(raw, ovn_tunsetoffload(), Offload.segments) }
        return false
    }

    /// The TUN_F_ flags of <linux/if_tun.h>, the last of which are younger than the headers of many distributions.
    private enum Offload {
        /// Checksums, TCP over IPv4 and over IPv6, with explicit congestion notification.
        static let segments: UInt = 0x01 | 0x02 | 0x04 | 0x08
        /// UDP over IPv4 and over IPv6.
        static let datagrams: UInt = 0x20 | 0x40
    }

    private static func control(_ raw: Int32, _ request: UInt, _ argument: inout ifreq) -> Result<Int32, Errno> {
        // Safety: the TUN requests used here take a `struct ifreq`.
        SystemCall.result { unsafe ovn_ioctl_pointer(raw, request, &argument) }
    }
}
