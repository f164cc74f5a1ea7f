import CVmnetLinux
import Glibc

/// UDP sockets for many peers: never connected, non-blocking, closed on exec.
///
/// The kernel joins what arrives in a row from one peer (UDP_GRO), tells the type of service of what arrives, and keeps
/// the errors that routers and hosts report for `nextError`.
package enum DatagramSocket {
    /// A socket for peers of one family. It has a port from the first datagram on.
    ///
    /// - Parameters:
    ///   - isIPv4: else it is for IPv6 alone.
    ///   - isLocal: bound to the loopback address, where nobody outside this host reaches it.
    ///   - bufferByteCount: room to send and to receive; the kernel grants what net.core.[rw]mem_max allows.
    package static func open(isIPv4: Bool, isLocal: Bool, bufferByteCount: Int) throws(SystemError) -> Descriptor {
        let kind = Int32(SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = Descriptor(
            owning: try SystemCall.run("create a UDP socket") { socket(isIPv4 ? AF_INET : AF_INET6, kind, 0) })
        let raw = descriptor.raw
        if isIPv4 {
            set(Int32(IPPROTO_IP), IP_RECVERR, of: raw)
            set(Int32(IPPROTO_IP), IP_RECVTOS, of: raw)
        } else {
            set(Int32(IPPROTO_IPV6), IPV6_V6ONLY, of: raw)
            set(Int32(IPPROTO_IPV6), IPV6_RECVERR, of: raw)
            set(Int32(IPPROTO_IPV6), IPV6_RECVTCLASS, of: raw)
        }
        set(SOL_UDP, UDP_GRO, of: raw)
        Socket.setBuffers(raw, byteCount: bufferByteCount)
        if isLocal { try bindToLoopback(raw, isIPv4: isIPv4) }
        return descriptor
    }

    /// The address and port it has; port 0 before it has sent anything.
    package static func name(of raw: Int32) -> InternetEndpoint? {
        var storage = sockaddr_in6()
        var byteCount = socklen_t(MemoryLayout<sockaddr_in6>.size)
        // Safety: the kernel writes at most `byteCount` bytes, and says how many.
        return unsafe withUnsafeMutablePointer(to: &storage) { pointer in
            let name = UnsafeMutableRawPointer(pointer)
            guard unsafe getsockname(raw, name.assumingMemoryBound(to: sockaddr.self), &byteCount) == 0 else {
                return nil
            }
            return unsafe InternetEndpoint(name, byteCount: Int(byteCount))
        }
    }

    /// Clears the error that the next call would report, whichever call that is.
    package static func clearError(_ raw: Int32) {
        var value: Int32 = 0
        var byteCount = socklen_t(MemoryLayout<Int32>.size)
        // Safety: an option of the size of an integer.
        _ = unsafe getsockopt(raw, SOL_SOCKET, SO_ERROR, &value, &byteCount)
    }

    private static func bindToLoopback(_ raw: Int32, isIPv4: Bool) throws(SystemError) {
        let loopback =
            isIPv4
            ? InternetEndpoint(high: 0, low: 0xffff_7f00_0001, port: 0) : InternetEndpoint(high: 0, low: 1, port: 0)
        var storage = sockaddr_in6()
        try SystemCall.run("bind a UDP socket to the loopback address") {
            // Safety: the storage has room for either family, and the kernel reads what has been written.
            unsafe withUnsafeMutablePointer(to: &storage) { pointer in
                let name = UnsafeMutableRawPointer(pointer)
                let byteCount = unsafe loopback.write(to: name)
                return unsafe bind(raw, name.assumingMemoryBound(to: sockaddr.self), byteCount)
            }
        }
    }

    /// Switches an option on. A kernel that does not know it works without, only slower or more tersely.
    private static func set(_ level: Int32, _ option: Int32, of raw: Int32) {
        var isOn: Int32 = 1
        // Safety: an option of the size of an integer.
        _ = unsafe setsockopt(raw, level, option, &isOn, socklen_t(MemoryLayout<Int32>.size))
    }
}
