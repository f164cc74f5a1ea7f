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
        try SystemCall.run("bind a UDP socket to the loopback address") {
            // Safety: the address is lent for the call.
            unsafe loopback.withSocketAddress { unsafe bind(raw, $0, $1) }
        }
    }

    /// Switches an option on. A kernel that does not know it works without, only slower or more tersely.
    private static func set(_ level: Int32, _ option: Int32, of raw: Int32) {
        var isOn: Int32 = 1
        // Safety: an option of the size of an integer.
        _ = unsafe setsockopt(raw, level, option, &isOn, socklen_t(MemoryLayout<Int32>.size))
    }
}
