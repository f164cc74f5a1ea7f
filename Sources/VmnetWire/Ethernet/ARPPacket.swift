/// An ARP packet for IPv4 over Ethernet (RFC 826). Other hardware or protocol types are malformed to us.
///
/// ```
///  0      2      4   5   6      8         14         18         24        28
/// +------+------+---+---+------+----------+----------+----------+----------+
/// |hw = 1|0x0800| 6 | 4 | op   |sender MAC|sender IP |target MAC|target IP |
/// +------+------+---+---+------+----------+----------+----------+----------+
/// ```
package struct ARPPacket: Equatable, Sendable {
    package static let byteCount = 28

    package struct Operation: RawRepresentable, Hashable, Sendable {
        package let rawValue: UInt16
        package init(rawValue: UInt16) { self.rawValue = rawValue }
        package static let request = Operation(rawValue: 1)
        package static let reply = Operation(rawValue: 2)
    }

    package var operation: Operation
    package var senderMAC: MACAddress
    package var senderAddress: IPv4Address
    package var targetMAC: MACAddress
    package var targetAddress: IPv4Address

    package init(
        operation: Operation, senderMAC: MACAddress, senderAddress: IPv4Address, targetMAC: MACAddress,
        targetAddress: IPv4Address
    ) {
        self.operation = operation
        self.senderMAC = senderMAC
        self.senderAddress = senderAddress
        self.targetMAC = targetMAC
        self.targetAddress = targetAddress
    }

    /// `bytes` begins after the Ethernet header; padding after the packet is ignored.
    package init(parsing bytes: Span<UInt8>) throws(WireError) {
        guard bytes.count >= Self.byteCount else { throw .truncated }
        guard bytes.be16(at: 0) == 1, bytes.be16(at: 2) == EtherType.ipv4.rawValue, bytes.be16(at: 4) == 0x0604
        else { throw .malformed }
        operation = Operation(rawValue: bytes.be16(at: 6))
        senderMAC = MACAddress(bits: bytes.be48(at: 8))
        senderAddress = IPv4Address(bits: bytes.be32(at: 14))
        targetMAC = MACAddress(bits: bytes.be48(at: 18))
        targetAddress = IPv4Address(bits: bytes.be32(at: 24))
    }

    package func write(to output: inout OutputSpan<UInt8>) {
        output.append(be16: 1)
        output.append(be16: EtherType.ipv4.rawValue)
        output.append(be16: 0x0604)
        output.append(be16: operation.rawValue)
        output.append(be48: senderMAC.bits)
        output.append(be32: senderAddress.bits)
        output.append(be48: targetMAC.bits)
        output.append(be32: targetAddress.bits)
    }
}
