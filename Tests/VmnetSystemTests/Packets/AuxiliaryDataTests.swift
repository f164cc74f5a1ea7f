import Testing
import VmnetSystem

@Suite struct AuxiliaryDataTests {
    /// TP_STATUS_USER with TP_STATUS_VLAN_VALID, with and without TP_STATUS_VLAN_TPID_VALID.
    private static let (tagged, taggedLongAgo): (UInt32, UInt32) = (0x51, 0x11)

    @Test(
        arguments: [
            (tagged, 7, 0x8100, 0x8100_0007),
            (tagged, 0xe007, 0x88a8, 0x88a8_e007),
            // A priority tag: VLAN 0.
            (tagged, 0x6000, 0x8100, 0x8100_6000),
            (tagged, 0, 0x8100, 0x8100_0000),
            // A kernel that knows one kind of tag only, and does not say which.
            (taggedLongAgo, 7, 0, 0x8100_0007),
            (1, 0, 0, nil),
            (1, 7, 0x8100, nil),
        ] as [(UInt32, UInt16, UInt16, UInt32?)])
    func `a tag is what the kernel says it is`(status: UInt32, control: UInt16, proto: UInt16, tag: UInt32?) {
        #expect(AuxiliaryData(status: status, control: control, proto: proto).tag == tag)
    }
}
