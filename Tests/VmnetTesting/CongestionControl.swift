import Glibc

/// The name of the congestion control that a TCP socket has, TCP_CONGESTION of tcp(7); nil for another kind of socket.
public func congestionControl(of descriptor: Int32) -> String? {
    // TCP_CA_NAME_MAX.
    var name = [UInt8](repeating: 0, count: 16)
    var byteCount = socklen_t(name.count)
    // Safety: the kernel writes at most `byteCount` bytes.
    guard unsafe getsockopt(descriptor, Int32(IPPROTO_TCP), TCP_CONGESTION, &name, &byteCount) == 0 else { return nil }
    return String(decoding: name.prefix { $0 != 0 }, as: UTF8.self)
}
