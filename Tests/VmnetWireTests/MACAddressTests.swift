import Testing
import VmnetTesting
import VmnetWire

@Suite struct MACAddressTests {
    @Test(
        arguments: [
            ("52:54:00:12:34:56", 0x5254_0012_3456), ("52-54-00-AB-cd-EF", 0x5254_00ab_cdef),
            ("0:1:2:3:4:5", 0x0001_0203_0405), ("ff:ff:ff:ff:ff:ff", 0xffff_ffff_ffff), ("00:00:00:00:00:00", 0),
        ] as [(String, UInt64)])
    func `text is read as six octets`(text: String, bits: UInt64) {
        #expect(MACAddress(text)?.bits == bits)
    }

    @Test(arguments: [
        "", ":", "52:54:00:12:34", "52:54:00:12:34:56:78", "52:54:00:12:34:", ":52:54:00:12:34:56", "52:54:00:12:34:5g",
        "52:54:00:12:34:100", "525400123456", "52:54:00:12:34:-1", "52:54:00:12:34:+1", " 52:54:00:12:34:56",
        "52:54:00:12:34:５", "5254.0012.3456",
    ])
    func `anything else is refused`(text: String) {
        #expect(MACAddress(text) == nil)
    }

    @Test func `it prints in lower case with two digits an octet`() {
        #expect(MACAddress(bits: 0x0200_00ab_cd0f).description == "02:00:00:ab:cd:0f")
    }

    @Test func `the octets are in the order of transmission`() {
        #expect(("52:54:00:12:34:56" as MACAddress).octets == [0x52, 0x54, 0, 0x12, 0x34, 0x56])
    }

    @Test func `bits beyond the forty-eight are dropped`() {
        #expect(MACAddress(bits: .max) == .broadcast)
    }

    @Test(
        arguments: [
            ("ff:ff:ff:ff:ff:ff", true), ("01:00:5e:00:00:01", true), ("33:33:00:00:00:01", true),
            ("03:00:00:00:00:00", true), ("52:54:00:12:34:56", false), ("00:00:00:00:00:00", false),
            ("fe:ff:ff:ff:ff:ff", false),
        ] as [(MACAddress, Bool)])
    func `the lowest bit of the first octet says multicast`(address: MACAddress, isMulticast: Bool) {
        #expect(address.isMulticast == isMulticast)
    }

    @Test func `addresses sort as their octets do`() {
        let sorted: [MACAddress] = ["00:00:00:00:00:ff", "00:00:00:00:01:00", "52:54:00:12:34:56", "fe:00:00:00:00:00"]
        #expect(sorted.reversed().sorted() == sorted)
    }
}
