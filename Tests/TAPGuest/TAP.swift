import Glibc

/// A new TAP interface in this network namespace, up, without offloads and non-blocking; it goes when it is released.
final class TAP: Sendable {
    /// What <linux/if_tun.h> defines; Swift's Glibc module does not have that header.
    private static let tunSetInterface: UInt = 0x4004_54ca
    private static let tapWithoutPacketInformation: Int16 = 0x0002 | 0x1000

    let descriptor: Int32

    init(name: String, address: String?) throws(SystemError) {
        // Safety: both are paths that live for the call.
        let device = unsafe open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK)
        guard device >= 0 else { throw SystemError("open /dev/net/tun") }
        descriptor = device
        var request = unsafe ifreq()
        // Safety: the field is 16 octets; at most 15 are copied, and the last stays zero.
        unsafe withUnsafeMutableBytes(of: &request.ifr_ifrn) { unsafe $0.copyBytes(from: name.utf8.prefix(15)) }
        unsafe request.ifr_ifru.ifru_flags = Self.tapWithoutPacketInformation
        // Safety: TUNSETIFF reads and writes one ifreq.
        guard unsafe ioctl(device, Self.tunSetInterface, &request) == 0 else {
            throw SystemError("TUNSETIFF \(name)")
        }
        if let address { try Self.run(["ip", "link", "set", name, "address", address]) }
        try Self.run(["ip", "link", "set", name, "up"])
    }

    deinit { close(descriptor) }

    private static func run(_ arguments: [String]) throws(SystemError) {
        var pid: pid_t = 0
        var status: Int32 = 0
        // Safety: the vector ends with nil, and its strings are freed after the spawn, which copies them.
        let vector = unsafe arguments.map { unsafe strdup($0) } + [nil]
        defer { unsafe vector.forEach { unsafe free($0) } }
        guard unsafe posix_spawnp(&pid, arguments[0], nil, nil, vector, environ) == 0 else {
            throw SystemError("spawn \(arguments[0])")
        }
        guard unsafe waitpid(pid, &status, 0) == pid, status == 0 else {
            throw SystemError(arguments.joined(separator: " "), number: EINVAL)
        }
    }
}
