import Glibc

/// The most data in bytes that a connected TCP socket may have under way, TCP_INFO of tcp(7): 65,535, scaled as its peer has
/// said (RFC 7323, 2.2). nil for another kind of socket.
public func longestWindow(of descriptor: Int32) -> Int? {
    var info = tcp_info()
    var byteCount = socklen_t(MemoryLayout<tcp_info>.size)
    // Safety: the kernel writes at most `byteCount` bytes.
    guard unsafe getsockopt(descriptor, Int32(IPPROTO_TCP), TCP_INFO, &info, &byteCount) == 0 else { return nil }
    return 65_535 << Int(info.tcpi_snd_wscale)
}
