import Testing
import VmnetTesting
import VmnetWire

@Suite struct IPv4SubnetTests {
    private struct Row: Sendable, CustomTestStringConvertible {
        let prefixLength: Int
        let mask: IPv4Address
        let network: IPv4Address
        let broadcast: IPv4Address
        var testDescription: String { "/\(prefixLength)" }
    }

    private static let address: IPv4Address = "192.168.105.77"

    private static let rows: [Row] = [
        Row(prefixLength: 0, mask: "0.0.0.0", network: "0.0.0.0", broadcast: "255.255.255.255"),
        Row(prefixLength: 1, mask: "128.0.0.0", network: "128.0.0.0", broadcast: "255.255.255.255"),
        Row(prefixLength: 8, mask: "255.0.0.0", network: "192.0.0.0", broadcast: "192.255.255.255"),
        Row(prefixLength: 20, mask: "255.255.240.0", network: "192.168.96.0", broadcast: "192.168.111.255"),
        Row(prefixLength: 24, mask: "255.255.255.0", network: "192.168.105.0", broadcast: "192.168.105.255"),
        Row(prefixLength: 30, mask: "255.255.255.252", network: "192.168.105.76", broadcast: "192.168.105.79"),
        Row(prefixLength: 31, mask: "255.255.255.254", network: "192.168.105.76", broadcast: "192.168.105.77"),
        Row(prefixLength: 32, mask: "255.255.255.255", network: "192.168.105.77", broadcast: "192.168.105.77"),
    ]

    @Test(arguments: rows)
    private func `a prefix length gives the mask, the network and the broadcast address`(row: Row) throws {
        let subnet = try #require(IPv4Subnet(containing: Self.address, prefixLength: row.prefixLength))
        #expect(subnet.mask == row.mask)
        #expect(subnet.network == row.network)
        #expect(subnet.broadcast == row.broadcast)
        #expect(subnet.description == "\(row.network)/\(row.prefixLength)")
    }

    @Test(arguments: rows)
    private func `a mask means the same as its prefix length`(row: Row) {
        #expect(
            IPv4Subnet(containing: Self.address, mask: row.mask)
                == IPv4Subnet(containing: Self.address, prefixLength: row.prefixLength))
    }

    @Test(arguments: rows)
    private func `it has its ends and nothing beyond them`(row: Row) throws {
        let subnet = try #require(IPv4Subnet(containing: Self.address, prefixLength: row.prefixLength))
        #expect(subnet.contains(row.network))
        #expect(subnet.contains(row.broadcast))
        #expect(subnet.contains(Self.address))
        // The addresses beside it wrap around onto it where it ends with the address space.
        #expect(subnet.contains(row.network.advanced(by: -1)) == (row.prefixLength == 0))
        #expect(subnet.contains(row.broadcast.advanced(by: 1)) == (row.prefixLength == 0))
    }

    @Test(arguments: [-1, 33, .max, .min])
    func `a prefix length out of range is refused`(length: Int) {
        #expect(IPv4Subnet(containing: Self.address, prefixLength: length) == nil)
    }

    @Test(arguments: ["255.0.255.0", "0.255.255.255", "255.255.255.1", "0.0.0.1", "127.255.255.255"] as [IPv4Address])
    func `a mask with holes is refused`(mask: IPv4Address) {
        #expect(IPv4Subnet(containing: Self.address, mask: mask) == nil)
    }

    @Test(
        arguments: [
            ("10.0.0.0", 8, "10.1.2.0", 24, true), ("10.1.2.0", 24, "10.0.0.0", 8, true),
            ("10.0.0.0", 24, "10.0.1.0", 24, false), ("0.0.0.0", 0, "203.0.113.0", 24, true),
            ("192.168.64.0", 24, "192.168.64.0", 24, true), ("192.168.64.0", 25, "192.168.64.128", 25, false),
        ] as [(IPv4Address, Int, IPv4Address, Int, Bool)])
    func `two overlap when one holds the other`(
        left: IPv4Address, leftLength: Int, right: IPv4Address, rightLength: Int, overlaps: Bool
    ) throws {
        let left = try #require(IPv4Subnet(containing: left, prefixLength: leftLength))
        let right = try #require(IPv4Subnet(containing: right, prefixLength: rightLength))
        #expect(left.overlaps(right) == overlaps)
        #expect(right.overlaps(left) == overlaps)
    }
}
