/// An IEEE 802 48-bit address, as an integer: equality, hashing and order cost one instruction each.
public struct MACAddress: Hashable, Comparable, Sendable {
    /// The six octets, the first transmitted in the highest of the low 48 bits; the top 16 bits are zero.
    public let bits: UInt64

    /// Takes the low 48 bits of `bits`.
    @inlinable
    public init(bits: UInt64) {
        self.bits = bits & 0xffff_ffff_ffff
    }

    /// ff:ff:ff:ff:ff:ff.
    @inlinable public static var broadcast: MACAddress { MACAddress(bits: 0xffff_ffff_ffff) }
    /// 00:00:00:00:00:00, which no station has.
    @inlinable public static var zero: MACAddress { MACAddress(bits: 0) }

    /// Whether the group bit is set: multicast or broadcast (IEEE 802-2014, 8.2).
    @inlinable
    public var isMulticast: Bool { bits & 0x0100_0000_0000 != 0 }

    /// The octets in order of transmission.
    public var octets: [UInt8] {
        stride(from: 40, through: 0, by: -8).map { UInt8(truncatingIfNeeded: bits >> UInt64($0)) }
    }

    /// Orders as the octets do.
    @inlinable
    public static func < (left: MACAddress, right: MACAddress) -> Bool { left.bits < right.bits }
}

extension MACAddress: LosslessStringConvertible {
    /// Six hexadecimal octets separated by colons or hyphens, in either case: `52:54:00:12:34:56`.
    public init?(_ description: String) {
        let parts = description.split(omittingEmptySubsequences: false) { $0 == ":" || $0 == "-" }
        guard parts.count == 6 else { return nil }
        var bits: UInt64 = 0
        for part in parts {
            guard (1...2).contains(part.utf8.count), part.allSatisfy(\.isHexDigit), let octet = UInt8(part, radix: 16)
            else { return nil }
            bits = bits << 8 | UInt64(octet)
        }
        self.init(bits: bits)
    }

    /// Lower case, colons, two digits an octet.
    public var description: String { hexadecimal(octets) }
}
