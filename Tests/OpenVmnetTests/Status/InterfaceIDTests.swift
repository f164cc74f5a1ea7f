import Testing
import VmnetTesting
import VmnetWire

@testable import OpenVmnet

@Suite struct InterfaceIDTests {
    private let one = InterfaceID(network: "shared", macAddress: "52:54:00:12:34:56")

    @Test func `it is the same each time`() {
        #expect(one == InterfaceID(network: "shared", macAddress: "52:54:00:12:34:56"))
        // Written down, because guests are known by it over updates of this program.
        #expect(one.description == "49960642-4E57-831B-9470-186598CA9661")
    }

    @Test func `another network or guest has another`() {
        #expect(one != InterfaceID(network: "lab", macAddress: "52:54:00:12:34:56"))
        #expect(one != InterfaceID(network: "shared", macAddress: "52:54:00:12:34:57"))
    }

    @Test func `it is a UUID of version 8`() {
        for number in 0..<64 {
            let text = InterfaceID(network: "shared", macAddress: MACAddress(bits: UInt64(number))).description
            let parts = text.split(separator: "-")
            #expect(parts.map(\.count) == [8, 4, 4, 4, 12])
            #expect(parts[2].first == "8")
            #expect(parts[3].first.map("89AB".contains) == true)
        }
    }

    @Test func `the hash is FNV-1a of 128 bits`() {
        // draft-eastlake-fnv, appendix C: "" and "foobar".
        #expect(StableHash().value == 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d)
        var hash = StableHash()
        hash.combine("foobar".utf8)
        #expect(hash.value == 0x343e_1662_793c_64bf_6f0d_3597_ba44_6f18)
    }
}
