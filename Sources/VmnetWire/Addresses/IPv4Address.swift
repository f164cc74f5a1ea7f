/// An IPv4 address, as an integer in host order.
public struct IPv4Address: Hashable, Comparable, Sendable {
    /// The four octets, the first in the highest bits.
    public let bits: UInt32

    /// The address of these four octets.
    @inlinable
    public init(bits: UInt32) {
        self.bits = bits
    }

    /// 0.0.0.0.
    public static let any = IPv4Address(bits: 0)
    /// 255.255.255.255, the limited broadcast address.
    public static let broadcast = IPv4Address(bits: .max)
    /// 127.0.0.1.
    public static let loopback = IPv4Address(bits: 0x7f00_0001)

    /// The address `offset` further on, wrapping at the end of the address space.
    @inlinable
    public func advanced(by offset: Int) -> IPv4Address {
        IPv4Address(bits: bits &+ UInt32(truncatingIfNeeded: offset))
    }

    /// Orders as the octets do.
    @inlinable
    public static func < (left: IPv4Address, right: IPv4Address) -> Bool { left.bits < right.bits }

    /// 10/8, 172.16/12 or 192.168/16 (RFC 1918, section 3).
    public var isPrivate: Bool {
        bits >> 24 == 10 || bits >> 20 == 0xac1 || bits >> 16 == 0xc0a8
    }

    /// 127/8 (RFC 1122, 3.2.1.3).
    @inlinable
    public var isLoopback: Bool { bits >> 24 == 127 }

    /// 0/8: "this network" (RFC 1122, 3.2.1.3).
    @inlinable
    public var isThisNetwork: Bool { bits >> 24 == 0 }

    /// 169.254/16 (RFC 3927); cloud metadata services live here.
    @inlinable
    public var isLinkLocal: Bool { bits >> 16 == 0xa9fe }

    /// 224/4 (RFC 5771).
    @inlinable
    public var isMulticast: Bool { bits >> 28 == 0xe }

    /// 240/4, the limited broadcast address included (RFC 1112, section 4).
    @inlinable
    public var isReserved: Bool { bits >> 28 == 0xf }
}

extension IPv4Address: LosslessStringConvertible {
    /// Four decimal octets without leading zeros: `192.168.64.1`.
    public init?(_ description: String) {
        let parts = description.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bits: UInt32 = 0
        for part in parts {
            guard (1...3).contains(part.utf8.count), part.utf8.allSatisfy({ (48...57).contains($0) }),
                part.count == 1 || part.first != "0", let octet = UInt8(part)
            else { return nil }
            bits = bits << 8 | UInt32(octet)
        }
        self.init(bits: bits)
    }

    /// `192.168.64.1`.
    public var description: String {
        "\(bits >> 24).\(bits >> 16 & 255).\(bits >> 8 & 255).\(bits & 255)"
    }
}
