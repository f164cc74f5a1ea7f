import Testing
import VmnetTesting
import VmnetWire

@Suite struct IPv6AddressTests {
    /// Text, and how RFC 5952 writes the same address.
    @Test(arguments: [
        ("::", "::"), ("::1", "::1"), ("1::", "1::"), ("fd00::1", "fd00::1"),
        ("2001:0db8:0000:0000:0000:0000:0002:0001", "2001:db8::2:1"), ("2001:DB8::ABCD", "2001:db8::abcd"),
        // Section 4.2.2: one zero group alone is written out.
        ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"), ("2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
        // Section 4.2.3: the longest run, and the first of two.
        ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"), ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
        ("0:0:1:2:3:4:5:6", "::1:2:3:4:5:6"), ("1:2:3:4:5:6:0:0", "1:2:3:4:5:6::"),
        ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
        ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"), ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"),
        // Section 5: an IPv4-mapped address keeps its dots; others do not.
        ("::ffff:192.0.2.1", "::ffff:192.0.2.1"), ("::ffff:c000:201", "::ffff:192.0.2.1"),
        ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"), ("1:2:3:4:5:6:192.0.2.1", "1:2:3:4:5:6:c000:201"),
        ("::192.0.2.1", "::c000:201"),
    ])
    func `text is read, and printed as RFC 5952 asks`(text: String, canonical: String) throws {
        let address = try #require(IPv6Address(text))
        #expect(address.description == canonical)
        #expect(IPv6Address(canonical) == address)
    }

    @Test(arguments: [
        "", ":", ":::", "1", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8",
        "1:2:3:4::5:6:7:8", "1::2::3", ":1::2", "1::2:", "1:2:3:4:5:6:7:", ":1:2:3:4:5:6:7", "12345::", "g::", "-1::",
        "+1::", "fe80::1%eth0", "::1/128", " ::1", "::1 ", "1.2.3.4", "1.2.3.4::", "1.2.3.4::1", "::1.2.3.4:5",
        "::1.2.3", "::1.2.3.256", "1:2:3:4:5:6:7:1.2.3.4", "[::1]", "Ａ::",
    ])
    func `anything else is refused`(text: String) {
        #expect(IPv6Address(text) == nil)
    }

    @Test func `every address survives being printed and read`() {
        var random = SeededGenerator(seed: 5952)
        for _ in 0..<2000 {
            // Groups are often zero, so that runs of every place and length come up.
            let groups = (0..<8).map { _ in
                Bool.random(using: &random) ? 0 : UInt64.random(in: 0...0xffff, using: &random)
            }
            let address = IPv6Address(
                high: groups[..<4].reduce(0) { $0 << 16 | $1 }, low: groups[4...].reduce(0) { $0 << 16 | $1 })
            #expect(IPv6Address(address.description) == address)
        }
    }

    @Test(
        arguments: [
            ("ff02::1", true, false, false), ("feff::1", false, false, false), ("fe80::1", false, true, false),
            ("febf::1", false, true, false), ("fec0::1", false, false, false), ("fe7f::1", false, false, false),
            ("fc00::1", false, false, true), ("fdff::1", false, false, true), ("fe00::1", false, false, false),
            ("fbff::1", false, false, false), ("2001:db8::1", false, false, false),
        ] as [(IPv6Address, Bool, Bool, Bool)])
    func `multicast, link-local and unique local addresses are told apart`(
        address: IPv6Address, isMulticast: Bool, isLinkLocal: Bool, isUniqueLocal: Bool
    ) {
        #expect(address.isMulticast == isMulticast)
        #expect(address.isLinkLocal == isLinkLocal)
        #expect(address.isUniqueLocal == isUniqueLocal)
    }

    @Test(
        arguments: [
            ("::", false), ("::1", false), ("::2", true), ("::127.0.0.1", true), ("::ffff:127.0.0.1", true),
            ("::ffff:0:0", true), ("::fffe:7f00:1", false), ("::1:ffff:7f00:1", false), ("64:ff9b::7f00:1", false),
        ] as [(IPv6Address, Bool)])
    func `an embedded IPv4 address is seen`(address: IPv6Address, embedsIPv4: Bool) {
        #expect(address.embedsIPv4 == embedsIPv4)
    }

    @Test func `a prefix matches exactly as many bits as it has`() {
        let prefix: IPv6Address = "fd00:1234:5678:9abc:def0:1234:5678:9abc"
        #expect(prefix.matches("::", prefixLength: 0))
        for bit in 0..<128 {
            let flipped =
                bit < 64
                ? IPv6Address(high: prefix.high ^ 1 << UInt64(63 - bit), low: prefix.low)
                : IPv6Address(high: prefix.high, low: prefix.low ^ 1 << UInt64(127 - bit))
            #expect(flipped.matches(prefix, prefixLength: bit))
            #expect(!flipped.matches(prefix, prefixLength: bit + 1))
        }
        #expect(prefix.matches(prefix, prefixLength: 128))
    }
}
