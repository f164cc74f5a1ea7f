import CVmnetLinux
import Glibc

/// An address and a port of either family. IPv4 addresses are mapped into IPv6 (RFC 4291, 2.5.5.2).
@usableFromInline
package struct InternetEndpoint: Equatable, Sendable {
    /// The first eight octets of the address, in host order.
    @usableFromInline package var high: UInt64
    /// The last eight octets.
    @usableFromInline package var low: UInt64
    @usableFromInline package var port: UInt16

    @inlinable
    package init(high: UInt64, low: UInt64, port: UInt16) {
        self.high = high
        self.low = low
        self.port = port
    }

    /// Whether a socket of IPv4 reaches it.
    @inlinable package var isIPv4: Bool { high == 0 && low >> 32 == 0xffff }

    /// Whether it is this host's own, which nobody else reaches: 127.0.0.0/8 or ::1.
    var isLoopback: Bool { isIPv4 ? low >> 24 & 0xff == 127 : high == 0 && low == 1 }

    /// Written out because a derived one is not inlined.
    @inlinable
    package static func == (left: InternetEndpoint, right: InternetEndpoint) -> Bool {
        left.high == right.high && left.low == right.low && left.port == right.port
    }

    /// As the kernel has written it; nil for an address of another family.
    // Safety: called with storage that `byteCount` bytes of have been written.
    @unsafe init?(_ storage: UnsafeRawPointer, byteCount: Int) {
        guard byteCount >= MemoryLayout<sockaddr_in>.size else { return nil }
        switch unsafe Int32(storage.load(as: sa_family_t.self)) {
        case AF_INET:
            let name = unsafe storage.loadUnaligned(as: sockaddr_in.self)
            high = 0
            low = 0xffff_0000_0000 | UInt64(UInt32(bigEndian: name.sin_addr.s_addr))
            port = UInt16(bigEndian: name.sin_port)
        case AF_INET6:
            guard byteCount >= MemoryLayout<sockaddr_in6>.size else { return nil }
            port = unsafe UInt16(bigEndian: storage.loadUnaligned(fromByteOffset: 2, as: UInt16.self))
            high = unsafe UInt64(bigEndian: storage.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            low = unsafe UInt64(bigEndian: storage.loadUnaligned(fromByteOffset: 16, as: UInt64.self))
        default: return nil
        }
    }

    /// Writes the kernel's form, and returns how many bytes it has.
    // Safety: called with room for a `sockaddr_in6`.
    @unsafe func write(to storage: UnsafeMutableRawPointer) -> socklen_t {
        if isIPv4 {
            var name = sockaddr_in()
            name.sin_family = sa_family_t(AF_INET)
            name.sin_port = port.bigEndian
            name.sin_addr.s_addr = UInt32(truncatingIfNeeded: low).bigEndian
            unsafe storage.storeBytes(of: name, as: sockaddr_in.self)
            return socklen_t(MemoryLayout<sockaddr_in>.size)
        }
        var name = sockaddr_in6()
        name.sin6_family = sa_family_t(AF_INET6)
        name.sin6_port = port.bigEndian
        unsafe storage.storeBytes(of: name, as: sockaddr_in6.self)
        unsafe storage.storeBytes(of: high.bigEndian, toByteOffset: 8, as: UInt64.self)
        unsafe storage.storeBytes(of: low.bigEndian, toByteOffset: 16, as: UInt64.self)
        return socklen_t(MemoryLayout<sockaddr_in6>.size)
    }

    /// The address and port that a socket has; port 0 before a UDP socket has sent anything. nil for another kind.
    package init?(nameOf raw: Int32) {
        // Safety: called with room for the address, and how much.
        guard let name = unsafe Self.read({ unsafe getsockname(raw, $0, $1) }) else { return nil }
        self = name
    }

    /// Where a connection comes from; nil when it has ended already, or is no TCP connection.
    package init?(peerOf raw: Int32) {
        // Safety: called with room for the address, and how much.
        guard let name = unsafe Self.read({ unsafe getpeername(raw, $0, $1) }) else { return nil }
        self = name
    }

    private static func read(
        _ call: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
    ) -> InternetEndpoint? {
        var storage = sockaddr_in6()
        var byteCount = socklen_t(MemoryLayout<sockaddr_in6>.size)
        // Safety: the kernel writes at most `byteCount` bytes, and says how many.
        return unsafe withUnsafeMutablePointer(to: &storage) { pointer in
            let name = UnsafeMutableRawPointer(pointer)
            guard unsafe call(name.assumingMemoryBound(to: sockaddr.self), &byteCount) == 0 else { return nil }
            return unsafe InternetEndpoint(name, byteCount: Int(byteCount))
        }
    }

    /// Lends the kernel's form to a C call.
    func withSocketAddress<R>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R {
        var storage = sockaddr_in6()
        // Safety: the storage has room for either family, and begins as `sockaddr` does.
        return unsafe withUnsafeMutablePointer(to: &storage) { pointer in
            let name = UnsafeMutableRawPointer(pointer)
            let byteCount = unsafe write(to: name)
            return unsafe body(name.assumingMemoryBound(to: sockaddr.self), byteCount)
        }
    }
}

extension InternetEndpoint: CustomStringConvertible {
    /// `127.0.0.1:80`, `[::1]:80`.
    @usableFromInline
    package var description: String {
        var name = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        var (v4, v6) = (UInt32(truncatingIfNeeded: low).bigEndian, (high.bigEndian, low.bigEndian))
        // Safety: the kernel's form of an address of the family, and room for the longest text.
        _ =
            unsafe isIPv4
            ? inet_ntop(AF_INET, &v4, &name, socklen_t(name.count))
            : inet_ntop(AF_INET6, &v6, &name, socklen_t(name.count))
        let text = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return isIPv4 ? "\(text):\(port)" : "[\(text)]:\(port)"
    }
}
