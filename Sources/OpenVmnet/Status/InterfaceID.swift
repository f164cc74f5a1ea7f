public import VmnetWire

/// The identity of a guest's interface, `vmnet_interface_id`: the same each time a guest with that MAC address attaches to
/// the network of that name, also after a restart.
///
/// A UUID of version 8 (RFC 9562, 5.8), whose 122 bits are a hash (FNV-1a, 128 bits) of the text
/// `openvmnet/NAME/52:54:00:12:34:56`. Version 5 is the same with SHA-1, which nothing here has another use for.
public struct InterfaceID: Hashable, Sendable {
    private let bits: UInt128

    /// The identity of the interface with the MAC address on the network called `network`.
    public init(network: String, macAddress: MACAddress) {
        var hash = StableHash()
        hash.combine("openvmnet/\(network)/\(macAddress)".utf8)
        let version: UInt128 = 8 << 76
        let variant: UInt128 = 0b10 << 62
        let free = ~(0xf << 76 | 0b11 << 62 as UInt128)
        bits = hash.value & free | version | variant
    }
}

extension InterfaceID: CustomStringConvertible {
    /// As vmnet writes it: capital letters, `8-4-4-4-12` digits.
    public var description: String {
        let digits = String(bits, radix: 16, uppercase: true)
        var text = String(repeating: "0", count: 32 - digits.count) + digits
        for offset in [20, 16, 12, 8] { text.insert("-", at: text.index(text.startIndex, offsetBy: offset)) }
        return text
    }
}
