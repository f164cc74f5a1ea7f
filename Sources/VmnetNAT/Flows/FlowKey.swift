import VmnetWire

/// What tells a guest's flows apart: the addresses and ports that a host socket stands for.
///
/// IPv4 addresses are mapped into IPv6 (RFC 4291, 2.5.5.2). A UDP socket belongs to the guest's port and a kind of peer,
/// whatever it talks to, so its key has no destination.
struct FlowKey: Equatable, Sendable {
    let kind: FlowKind
    let source: IPv6Address
    let destination: IPv6Address
    let sourcePort: UInt16
    let destinationPort: UInt16

    @inline(__always)
    static func tcp(
        source: IPv6Address, sourcePort: UInt16, destination: IPv6Address, destinationPort: UInt16
    ) -> FlowKey {
        FlowKey(
            kind: .tcp, source: source, destination: destination, sourcePort: sourcePort,
            destinationPort: destinationPort)
    }

    /// Whether the addresses are IPv4's.
    var isIPv4: Bool { source.high == 0 && source.low >> 32 == 0xffff }

    /// A hash that a guest cannot aim: two 64-bit multiplications mixed with a number it does not know.
    @inline(__always)
    func hash(seed: UInt64) -> UInt64 {
        let ports = UInt64(sourcePort) << 24 | UInt64(destinationPort) << 8 | UInt64(kind.rawValue)
        let near = Self.fold(source.low ^ seed, destination.low ^ 0x9e37_79b9_7f4a_7c15 ^ ports << 16)
        return Self.fold(near ^ source.high ^ ports, destination.high.byteSwapped ^ seed.byteSwapped | 1)
    }

    @inline(__always)
    private static func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let product = left.multipliedFullWidth(by: right)
        return product.high ^ product.low
    }
}

extension IPv6Address {
    /// ::ffff:a.b.c.d.
    @inline(__always)
    init(mapping address: IPv4Address) {
        self.init(high: 0, low: 0xffff_0000_0000 | UInt64(address.bits))
    }
}
