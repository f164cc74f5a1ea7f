import CVmnetLinux

/// What the kernel tells of a received frame beside its bytes (packet(7), PACKET_AUXDATA): the VLAN tag, which it has
/// taken out of them whatever the interface can do. Of several tags it is the outer one.
package struct AuxiliaryData: Equatable, Sendable {
    /// The tag as it stands in a frame: protocol (0x8100 for 802.1Q, 0x88a8 for 802.1ad) in the upper half, then priority
    /// and VLAN; nil = the frame had none.
    package let tag: UInt32?

    /// - Parameters:
    ///   - status: `tp_status`.
    ///   - control: `tp_vlan_tci`: priority and VLAN. VLAN 0 is a tag too, of a frame that has a priority only.
    ///   - proto: `tp_vlan_tpid`, of which kernels before 3.14 say nothing: they knew 802.1Q only.
    package init(status: UInt32, control: UInt16, proto: UInt16) {
        guard status & UInt32(TP_STATUS_VLAN_VALID) != 0 else {
            tag = nil
            return
        }
        let isKnown = status & UInt32(TP_STATUS_VLAN_TPID_VALID) != 0
        tag = UInt32(isKnown ? proto : UInt16(ETH_P_8021Q)) << 16 | UInt32(control)
    }

    /// - Parameter message: the control message, as the kernel has written it.
    init(_ message: tpacket_auxdata) {
        self.init(status: message.tp_status, control: message.tp_vlan_tci, proto: message.tp_vlan_tpid)
    }
}
