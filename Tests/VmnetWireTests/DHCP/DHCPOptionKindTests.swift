import Testing
import VmnetTesting
import VmnetWire

/// What the bytes of each kind of option mean.
@Suite struct DHCPOptionKindTests {
    /// The bytes of a value, having checked that they are read as that value.
    private func bytes<Kind: DHCPOptionKind>(
        _ kind: Kind.Type, _ value: Kind.Value
    ) -> String where Kind.Value: Equatable {
        let bytes = Kind.bytes(of: value)
        let isReadBack = Kind.value(of: bytes.span) == value
        #expect(isReadBack)
        return bytes.hex
    }

    /// Whether every one of these is refused.
    private func refuses<Kind: DHCPOptionKind>(_ kind: Kind.Type, _ hex: String...) -> Bool {
        hex.allSatisfy { Kind.value(of: [UInt8](hex: $0).span) == nil }
    }

    @Test func `an address is four bytes`() {
        #expect(bytes(DHCPAddressOption.self, "192.168.64.1") == "c0 a8 40 01")
        #expect(refuses(DHCPAddressOption.self, "", "c0 a8 40", "c0 a8 40 01 00"))
    }

    @Test func `a list of addresses has at least one`() {
        #expect(bytes(DHCPAddressListOption.self, ["1.2.3.4", "5.6.7.8"]) == "01 02 03 04 05 06 07 08")
        #expect(refuses(DHCPAddressListOption.self, "", "01 02 03", "01 02 03 04 05"))
    }

    @Test func `a time is seconds in four bytes, and all ones are for ever`() {
        #expect(bytes(DHCPDurationOption.self, DHCPDuration(seconds: 3600)) == "00 00 0e 10")
        #expect(bytes(DHCPDurationOption.self, .infinite) == "ff ff ff ff")
        #expect(DHCPDuration(seconds: .max).isInfinite)
        #expect(refuses(DHCPDurationOption.self, "", "00 00 0e", "00 00 0e 10 00"))
    }

    @Test func `numbers have one size each`() {
        #expect(bytes(DHCPInteger16Option.self, 1500) == "05 dc")
        #expect(bytes(DHCPByteOption.self, 1) == "01")
        #expect(refuses(DHCPInteger16Option.self, "", "05", "05 dc 00"))
        #expect(refuses(DHCPByteOption.self, "", "01 00"))
    }

    @Test func `a flag is an option without bytes`() {
        #expect(bytes(DHCPFlagOption.self, true) == "")
        #expect(refuses(DHCPFlagOption.self, "01"))
    }

    @Test func `text ends at a zero, and what is not UTF-8 is marked`() {
        #expect(bytes(DHCPTextOption.self, "debian") == "64 65 62 69 61 6e")
        #expect(DHCPTextOption.value(of: [UInt8](hex: "61 62 00 00").span) == "ab")
        #expect(DHCPTextOption.value(of: [UInt8](hex: "61 ff").span) == "a\u{fffd}")
        #expect(refuses(DHCPTextOption.self, "", "00"))
    }

    @Test func `message types have names, and unknown ones a number`() {
        #expect(bytes(DHCPMessageTypeOption.self, .refuse) == "06")
        #expect(
            (1...9).map { DHCPMessageType(rawValue: $0).description }.joined(separator: " ") == """
                discover offer request decline ack nak release inform type 9
                """)
        #expect(refuses(DHCPMessageTypeOption.self, "", "01 01"))
    }

    @Test func `a parameter request list keeps its order, and unknown numbers`() {
        let codes = [121, 3, 255, 0].map { DHCPOptionCode(rawValue: $0) }
        #expect(bytes(DHCPParameterRequestListOption.self, codes) == "79 03 ff 00")
    }

    @Test func `a client identifier has two bytes at least, and an end`() throws {
        let identifier = DHCPClientIdentifier(ethernet: "52:54:00:12:34:56")
        #expect(bytes(DHCPClientIdentifierOption.self, identifier) == "01 52 54 00 12 34 56")
        #expect(identifier.description == "01:52:54:00:12:34:56")
        #expect(DHCPClientIdentifier("01:52:54:00:12:34:56") == identifier)
        #expect(identifier.isEthernet("52:54:00:12:34:56"))
        #expect(!identifier.isEthernet("52:54:00:12:34:57"))
        #expect(
            DHCPClientIdentifier(bytes: [0] + identifier.bytes.dropFirst())?.isEthernet("52:54:00:12:34:56") == false)
        #expect(refuses(DHCPClientIdentifierOption.self, "", "01", String(repeating: "00", count: 256)))
        for text in ["", "01", "1:2", "01:", "01:0g", "01::02", "01 02", "+1:02"] {
            #expect(DHCPClientIdentifier(text) == nil, "\(text)")
        }
    }

    @Test func `classless routes take no more bytes than their prefixes (RFC 3442)`() throws {
        let routes = try [
            ("0.0.0.0", 0), ("10.0.0.0", 8), ("10.17.0.0", 16), ("10.27.129.0", 24), ("10.229.0.128", 25),
        ]
        .map { DHCPRoute(destination: try #require(subnet($0.0, $0.1)), router: "192.168.64.1") }
        #expect(
            bytes(DHCPClasslessRoutesOption.self, routes)
                == [UInt8](
                    hex: """
                        00              c0 a8 40 01
                        08 0a           c0 a8 40 01
                        10 0a 11        c0 a8 40 01
                        18 0a 1b 81     c0 a8 40 01
                        19 0a e5 00 80  c0 a8 40 01
                        """
                ).hex)
        #expect(
            refuses(
                DHCPClasslessRoutesOption.self, "", "21 0a 0a 0a 0a 0a c0 a8 40 01", "08 0a c0 a8 40", "08", "ff",
                "00 c0 a8 40 01 18"))
    }

    @Test func `bits beyond a classless route's prefix do not count`() throws {
        let value = DHCPClasslessRoutesOption.value(of: [UInt8](hex: "09 0a ff c0 a8 40 01").span)
        #expect(value == [DHCPRoute(destination: try #require(subnet("10.128.0.0", 9)), router: "192.168.64.1")])
    }

    @Test func `static routes are pairs, for hosts and for networks of classes A, B and C`() throws {
        let route = DHCPStaticRoute(destination: "10.1.2.3", router: "192.168.64.1")
        #expect(bytes(DHCPStaticRoutesOption.self, [route]) == "0a 01 02 03 c0 a8 40 01")
        #expect(refuses(DHCPStaticRoutesOption.self, "", "0a 01 02 03", "0a 01 02 03 c0 a8 40 01 00"))
        func isExpressible(_ text: String, _ length: Int, router: IPv4Address = "192.168.64.1") throws -> Bool {
            let destination = try #require(subnet(text, length))
            return DHCPStaticRoute(DHCPRoute(destination: destination, router: router)) != nil
        }
        #expect(try isExpressible("10.0.0.0", 8) && isExpressible("172.16.0.0", 16) && isExpressible("192.168.1.0", 24))
        #expect(try isExpressible("192.168.1.7", 32))
        #expect(try !isExpressible("10.0.0.0", 9) && !isExpressible("0.0.0.0", 0) && !isExpressible("192.168.0.0", 16))
        #expect(try !isExpressible("10.0.0.0", 8, router: .any))
    }

    @Test func `a domain search list is read with compression and written without`() throws {
        // The example of RFC 3397, section 3.
        let compressed = [UInt8](
            hex: """
                03 65 6e 67  05 61 70 70 6c 65  03 63 6f 6d  00      // eng.apple.com
                09 6d 61 72 6b 65 74 69 6e 67  c0 04                 // marketing, then from 4: apple.com
                """)
        let names = ["eng.apple.com", "marketing.apple.com"].compactMap(DomainName.init)
        let value = DHCPDomainSearchOption.value(of: compressed.span)
        #expect(value == names)
        #expect(
            bytes(DHCPDomainSearchOption.self, names)
                == [UInt8](
                    hex: """
                        03 65 6e 67  05 61 70 70 6c 65  03 63 6f 6d  00
                        09 6d 61 72 6b 65 74 69 6e 67  05 61 70 70 6c 65  03 63 6f 6d  00
                        """
                ).hex)
    }

    @Test func `few bytes cannot ask for many names`() throws {
        let name = try #require(
            DomainName((0..<3).map { _ in String(repeating: "a", count: 60) }.joined(separator: ".")))
        let bytes = name.wireBytes + (0..<20000).flatMap { _ in [0xc0, 0] as [UInt8] }
        let value = DHCPDomainSearchOption.value(of: bytes.span)
        #expect(value?.count == DHCPDomainSearchOption.maximumCount)
    }

    @Test func `a full name is text or labels, complete or partial (RFC 4702)`() {
        let text = DHCPClientFQDN(flags: .serverUpdates, name: "guest1.example.org")
        #expect(
            bytes(DHCPClientFQDNOption.self, text)
                == "01 ff ff 67 75 65 73 74 31 2e 65 78 61 6d 70 6c 65 2e 6f 72 67")
        let complete = DHCPClientFQDN(flags: [.serverUpdates, .encoded], name: "a.bc.")
        #expect(bytes(DHCPClientFQDNOption.self, complete) == "05 ff ff 01 61 02 62 63 00")
        let partial = DHCPClientFQDN(flags: .encoded, name: "a")
        #expect(bytes(DHCPClientFQDNOption.self, partial) == "04 ff ff 01 61")
        let none = DHCPClientFQDN(flags: .encoded, name: "")
        #expect(bytes(DHCPClientFQDNOption.self, none) == "04 ff ff")
        #expect(refuses(DHCPClientFQDNOption.self, "", "04 00", "04 00 00 05 61", "04 00 00 01 61 00 01 62"))
    }

    private func subnet(_ address: String, _ length: Int) -> IPv4Subnet? {
        IPv4Address(address).flatMap { IPv4Subnet(containing: $0, prefixLength: length) }
    }
}

@Suite struct DomainNameTests {
    @Test(arguments: ["org", "example.org", "a-b.c_d", String(repeating: "a", count: 63)])
    func `a name is its text`(_ text: String) {
        #expect(DomainName(text)?.description == text)
        #expect(DomainName(text + ".") == DomainName(text))
    }

    @Test(arguments: [
        "", ".", "a..b", ".a", "a b", "a\n", "é", String(repeating: "a", count: 64),
        (0..<4).map { _ in String(repeating: "a", count: 63) }.joined(separator: "."),
    ])
    func `a name that the DNS cannot hold is refused`(_ text: String) {
        #expect(DomainName(text) == nil)
    }

    @Test(arguments: [
        ("the root", "00"), ("nothing", ""), ("a label cut short", "03 61 62"), ("no end", "01 61"),
        ("a pointer cut short", "01 61 c0"), ("a pointer to itself", "c0 00"), ("a pointer forwards", "c0 02 01 61 00"),
        ("an unknown kind of label", "41 61 00"), ("a blank in a label", "01 20 00"), ("a dot in a label", "01 2e 00"),
    ])
    func `bytes that are no name are refused`(_ what: String, _ hex: String) {
        let bytes = [UInt8](hex: hex)
        #expect(throws: WireError.self, "\(what)") {
            var offset = 0
            _ = try DomainName(parsing: bytes.span, at: &offset)
        }
    }

    @Test func `pointers that go round and round end`() {
        let bytes = [UInt8](hex: "01 61 c0 06 00 00 01 62 c0 00")
        for start in [0, 6] {
            #expect(throws: WireError.malformed) {
                var offset = start
                _ = try DomainName(parsing: bytes.span, at: &offset)
            }
        }
    }

    @Test func `a name that compression makes longer than 255 bytes is refused`() {
        var bytes: [UInt8] = []
        var previous = 0
        for index in 0..<5 {
            let start = bytes.count
            bytes += [60] + [UInt8](repeating: 0x61, count: 60)
            bytes += index == 0 ? [0] : [0xc0 | UInt8(previous >> 8), UInt8(previous & 255)]
            previous = start
        }
        #expect(throws: WireError.malformed) {
            var offset = previous
            _ = try DomainName(parsing: bytes.span, at: &offset)
        }
    }
}
