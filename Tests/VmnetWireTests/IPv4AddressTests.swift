import Testing
import VmnetTesting
import VmnetWire

@Suite struct IPv4AddressTests {
    @Test(
        arguments: [
            ("0.0.0.0", 0), ("192.168.64.1", 0xc0a8_4001), ("255.255.255.255", 0xffff_ffff), ("1.2.3.4", 0x0102_0304),
            ("10.0.0.100", 0x0a00_0064),
        ] as [(String, UInt32)])
    func `text and bits belong together both ways`(text: String, bits: UInt32) {
        #expect(IPv4Address(text)?.bits == bits)
        #expect(IPv4Address(bits: bits).description == text)
    }

    @Test(arguments: [
        "", "1", "1.2.3", "1.2.3.4.5", "1.2.3.", ".1.2.3", "1..2.3", "256.1.1.1", "1.2.3.1000", "01.2.3.4", "1.2.3.00",
        "1.2.3.0x4", "1.2.3.+4", "1.2.3.-4", " 1.2.3.4", "1.2.3.4 ", "1.2.3.4/24", "1.2.3.٤", "a.b.c.d",
    ])
    func `anything else is refused`(text: String) {
        #expect(IPv4Address(text) == nil)
    }

    @Test func `it advances and wraps at the end of the address space`() {
        let address: IPv4Address = "192.168.64.255"
        #expect(address.advanced(by: 1) == "192.168.65.0")
        #expect(address.advanced(by: -256) == "192.168.63.255")
        #expect(IPv4Address.broadcast.advanced(by: 1) == .any)
        #expect(IPv4Address.any.advanced(by: -1) == .broadcast)
        #expect(IPv4Address.any.advanced(by: .max) == .broadcast)
    }

    @Test func `addresses sort as their octets do`() {
        let sorted: [IPv4Address] = ["0.0.0.255", "9.255.255.255", "10.0.0.0", "127.0.0.1", "128.0.0.0"]
        #expect(sorted.reversed().sorted() == sorted)
    }

    @Test func `a block has its first and last address and not those beside it`() {
        let blocks: [(first: IPv4Address, last: IPv4Address, contains: (IPv4Address) -> Bool)] = [
            ("10.0.0.0", "10.255.255.255", { $0.isPrivate }),
            ("172.16.0.0", "172.31.255.255", { $0.isPrivate }),
            ("192.168.0.0", "192.168.255.255", { $0.isPrivate }),
            ("127.0.0.0", "127.255.255.255", { $0.isLoopback }),
            ("169.254.0.0", "169.254.255.255", { $0.isLinkLocal }),
            ("224.0.0.0", "239.255.255.255", { $0.isMulticast }),
        ]
        for block in blocks {
            #expect(block.contains(block.first))
            #expect(block.contains(block.last))
            #expect(!block.contains(block.first.advanced(by: -1)))
            #expect(!block.contains(block.last.advanced(by: 1)))
        }
    }

    @Test func `the blocks at the ends of the address space have one border each`() {
        #expect(IPv4Address.any.isThisNetwork)
        #expect(("0.255.255.255" as IPv4Address).isThisNetwork)
        #expect(!("1.0.0.0" as IPv4Address).isThisNetwork)
        #expect(!("239.255.255.255" as IPv4Address).isReserved)
        #expect(("240.0.0.0" as IPv4Address).isReserved)
        #expect(IPv4Address.broadcast.isReserved)
    }
}
