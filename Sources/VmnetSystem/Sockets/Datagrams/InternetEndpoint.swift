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
}
