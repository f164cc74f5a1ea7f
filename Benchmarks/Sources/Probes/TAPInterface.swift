import CLinux
import Glibc

/// Makes a TAP interface in this network namespace, without blocking; it goes with its descriptor. Its kernel cuts and
/// sums up itself what it sends.
///
/// - Parameter hasVirtioHeader: whether each frame has `struct virtio_net_hdr` before it, both ways, so that it can be
///   given segments that are joined.
package func makeTAP(named name: String, hasVirtioHeader: Bool = false) throws(SystemFailure) -> Int32 {
    // TUNSETIFF of <linux/if_tun.h>, a macro that Swift does not import.
    let setInterface: UInt = 0x4004_54ca
    // Safety: the path lives for the call.
    let descriptor = unsafe open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw SystemFailure("open /dev/net/tun") }
    var request = unsafe ifreq()
    // Safety: the field is 16 octets; at most 15 are copied, and the last stays zero.
    unsafe withUnsafeMutableBytes(of: &request.ifr_ifrn) { unsafe $0.copyBytes(from: name.utf8.prefix(15)) }
    unsafe request.ifr_ifru.ifru_flags = Int16(IFF_TAP | IFF_NO_PI | (hasVirtioHeader ? IFF_VNET_HDR : 0))
    // Safety: TUNSETIFF reads and writes one ifreq.
    guard unsafe ioctl(descriptor, setInterface, &request) == 0 else { throw SystemFailure("TUNSETIFF \(name)") }
    return descriptor
}

/// A stream socket connected to the Unix socket at `path`.
package func connectStream(to path: String) throws(SystemFailure) -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    guard path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else {
        throw SystemFailure("path \(path)", number: ENAMETOOLONG)
    }
    // Safety: the path fits with its last zero, as was checked.
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path.utf8) }
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    // Safety: every socket address begins with sockaddr's fields, and the length is the whole one's.
    let result = unsafe withUnsafePointer(to: &address) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
            unsafe connect(descriptor, generic, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
    }
    guard result == 0 else { throw SystemFailure("connect \(path)") }
    return descriptor
}
