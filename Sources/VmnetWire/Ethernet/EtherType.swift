/// What an Ethernet frame carries (IEEE 802.3, 3.2.6; values of RFC 9542, appendix B). Unknown values are kept.
@usableFromInline
package struct EtherType: RawRepresentable, Hashable, Sendable {
    @usableFromInline package let rawValue: UInt16

    @inlinable
    package init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    @inlinable package static var ipv4: EtherType { EtherType(rawValue: 0x0800) }
    @inlinable package static var arp: EtherType { EtherType(rawValue: 0x0806) }
    @inlinable package static var vlan: EtherType { EtherType(rawValue: 0x8100) }
    /// 802.1ad: the outer tag of two.
    @inlinable package static var serviceVLAN: EtherType { EtherType(rawValue: 0x88a8) }
    @inlinable package static var ipv6: EtherType { EtherType(rawValue: 0x86dd) }
    @inlinable package static var ncsi: EtherType { EtherType(rawValue: 0x88f8) }

    /// Written out because a derived one is not inlined.
    @inlinable
    package static func == (left: EtherType, right: EtherType) -> Bool { left.rawValue == right.rawValue }
}
