/// An IPv4 network: an address with its host bits zero, and a prefix length.
public struct IPv4Subnet: Hashable, Sendable {
    /// The address with its host bits zero.
    public let network: IPv4Address
    /// 0...32.
    public let prefixLength: Int

    /// The subnet of `prefixLength` bits that holds `address`; nil when the length is not in 0...32.
    public init?(containing address: IPv4Address, prefixLength: Int) {
        guard (0...32).contains(prefixLength) else { return nil }
        self.prefixLength = prefixLength
        network = IPv4Address(bits: address.bits & Self.maskBits(prefixLength))
    }

    /// The subnet of `mask` that holds `address`; nil when the mask's ones are not contiguous.
    public init?(containing address: IPv4Address, mask: IPv4Address) {
        let length = (~mask.bits).leadingZeroBitCount
        guard mask.bits == Self.maskBits(length) else { return nil }
        self.init(containing: address, prefixLength: length)
    }

    /// The prefix as an address: `255.255.255.0`.
    public var mask: IPv4Address { IPv4Address(bits: Self.maskBits(prefixLength)) }

    /// The all-ones address of the network.
    public var broadcast: IPv4Address { IPv4Address(bits: network.bits | ~mask.bits) }

    /// Whether `address` has this network's prefix.
    @inlinable
    public func contains(_ address: IPv4Address) -> Bool {
        prefixLength == 0 || (address.bits ^ network.bits) >> UInt32(32 - prefixLength) == 0
    }

    /// Whether some address belongs to both.
    public func overlaps(_ other: IPv4Subnet) -> Bool {
        contains(other.network) || other.contains(network)
    }

    private static func maskBits(_ length: Int) -> UInt32 {
        length == 0 ? 0 : ~0 << UInt32(32 - length)
    }
}

extension IPv4Subnet: CustomStringConvertible {
    /// `192.168.64.0/24`.
    public var description: String { "\(network)/\(prefixLength)" }
}
