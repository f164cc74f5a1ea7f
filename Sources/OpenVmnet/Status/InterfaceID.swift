public import VmnetWire

/// The identity of a guest's interface, `vmnet_interface_id`: a UUID (RFC 9562).
///
/// A program that makes interfaces gives them whatever identity it likes. Other guests' is the same each time a guest with
/// that MAC address attaches to the network of that name, also after a restart: a UUID of version 8, whose 122 bits are a hash (FNV-1a, 128 bits) of the text
/// `openvmnet/NAME/52:54:00:12:34:56`. Version 5 is the same with SHA-1, which nothing here has another use for.
public struct InterfaceID: Hashable, Sendable {
    private let bits: UInt128

    /// A new one, at random (version 4).
    public init() {
        self.init(version: 4, UInt128.random(in: .min ... .max))
    }

    /// Takes the sixteen octets of any UUID, in order; nil for another number of them.
    public init?(octets: some Collection<UInt8>) {
        guard octets.count == 16 else { return nil }
        bits = octets.reduce(0) { $0 << 8 | UInt128($1) }
    }

    /// The sixteen octets in order, as `uuid_t` has them.
    public var octets: [UInt8] {
        stride(from: 120, through: 0, by: -8).map { UInt8(truncatingIfNeeded: bits >> UInt128($0)) }
    }

    /// The identity of the interface with the MAC address on the network called `network`.
    public init(network: String, macAddress: MACAddress) {
        var hash = StableHash()
        hash.combine("openvmnet/\(network)/\(macAddress)".utf8)
        self.init(version: 8, hash.value)
    }

    private init(version: UInt128, _ free: UInt128) {
        let variant: UInt128 = 0b10 << 62
        let fixed: UInt128 = 0xf << 76 | 0b11 << 62
        bits = free & ~fixed | version << 76 | variant
    }
}

extension InterfaceID: LosslessStringConvertible {
    /// Parses what `description` writes, in either case; nil for anything else.
    public init?(_ description: String) {
        guard let identifier = NetworkIdentifier(description) else { return nil }
        guard let bits = UInt128(identifier.description.filter { $0 != "-" }, radix: 16) else { return nil }
        self.bits = bits
    }

    /// As vmnet writes it: capital letters, `8-4-4-4-12` digits.
    public var description: String {
        let digits = String(bits, radix: 16, uppercase: true)
        var text = String(repeating: "0", count: 32 - digits.count) + digits
        for offset in [20, 16, 12, 8] { text.insert("-", at: text.index(text.startIndex, offsetBy: offset)) }
        return text
    }
}

extension MACAddress {
    /// The address of the interface with that identity, the same everywhere: a locally administered one (IEEE 802-2014, 8.4)
    /// from a hash, beside those that begin with 52:55, as gateways' do.
    init(of id: InterfaceID) {
        var hash = StableHash()
        hash.combine("openvmnet/\(id)".utf8)
        let bits = UInt64(truncatingIfNeeded: hash.value >> 64) & 0xfcff_ffff_ffff | 0x0200_0000_0000
        self.init(bits: bits >> 32 & 0xffff == 0x5255 ? bits ^ 0x0400_0000_0000 : bits)
    }
}
