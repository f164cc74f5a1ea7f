import Testing
import VmnetDHCP
import VmnetTesting
import VmnetWire

private let guest = Guest("52:54:00:12:34:56", hostName: "debian")

@Suite struct DHCPServerOptionsTests {
    /// The offer to a guest that asks for these options.
    private func offer(
        requesting codes: [UInt8]?, from guest: Guest = guest,
        configure: (inout DHCPServerConfiguration) throws -> Void = { _ in },
        modify: (inout DHCPMessage) -> Void = { _ in }
    ) throws -> DHCPMessage {
        let network = try TestNetwork(configure: configure)
        let discover = guest.discover {
            $0.options[.parameterRequestList] = codes?.map(DHCPOptionCode.init(rawValue:))
            modify(&$0)
        }
        return try #require(network.reply(to: discover))
    }

    @Test func `a client that asks for nothing gets what it cannot do without`() throws {
        let options = try offer(requesting: nil).options
        #expect(options.codes.map(\.rawValue) == [1, 3, 6, 26, 51, 53, 54, 58, 59])
        #expect(options[.subnetMask] == "255.255.255.0")
        #expect(options[.routers] == [TestNetwork.gateway])
        #expect(options[.domainNameServers] == [TestNetwork.gateway])
        #expect(options[.interfaceMTU] == 1500)
        #expect(options[.leaseTime] == DHCPDuration(seconds: 3600))
        #expect(options[.renewalTime] == DHCPDuration(seconds: 1800))
        #expect(options[.rebindingTime] == DHCPDuration(seconds: 3150))
    }

    @Test func `a server without routers and name servers says nothing of either, whoever asks`() throws {
        let options = try offer(
            requesting: [1, 3, 6, 33, 121, 249],
            configure: {
                $0.routers = []
                $0.domainNameServers = []
            }
        ).options
        #expect(options.codes.map(\.rawValue) == [1, 26, 51, 53, 54, 58, 59])
    }

    @Test func `an endless lease is renewed never`() throws {
        let options = try offer(requesting: nil, configure: { $0.leaseDuration = .infinite }).options
        #expect(options[.leaseTime] == .infinite)
        #expect(options[.renewalTime] == .infinite)
        #expect(options[.rebindingTime] == .infinite)
    }

    @Test func `every option that is configured is sent to a client that asks for it`() throws {
        let search = try #require(DomainName("lan.example.org"))
        let domain = try #require(DomainName("example.org"))
        let office = try #require(IPv4Subnet(containing: "10.0.0.0", prefixLength: 8))
        let options = try offer(
            requesting: [15, 28, 42, 43, 66, 67, 100, 101, 108, 114, 119, 121, 150, 249, 252, 12],
            configure: {
                $0.domainName = domain
                $0.domainSearch = [search, domain]
                $0.timeServers = ["192.168.64.5"]
                $0.routes = [DHCPRoute(destination: office, router: "192.168.64.7")]
                $0.vendorSpecific = [1, 2, 3]
                $0.tftpServerName = "tftp.example.org"
                $0.bootFileName = "boot.img"
                $0.tftpServerAddresses = ["192.168.64.6", "192.168.64.7"]
                $0.posixTimeZone = "CET-1CEST,M3.5.0,M10.5.0/3"
                $0.timeZoneName = "Europe/Berlin"
                $0.ipv6OnlyPreferred = DHCPDuration(seconds: 1800)
                $0.captivePortal = "https://portal.example.org/api"
                $0.proxyAutoDiscovery = "http://wpad.example.org/wpad.dat"
            },
            modify: { $0.options[.maximumMessageSize] = 1500 }
        ).options
        #expect(options[.domainName] == "example.org")
        #expect(options[.broadcastAddress] == "192.168.64.255")
        #expect(options[.timeServers] == ["192.168.64.5"])
        #expect(options[raw: .vendorSpecific] == [1, 2, 3])
        #expect(options[.tftpServerName] == "tftp.example.org")
        #expect(options[.bootFileName] == "boot.img")
        #expect(options[.posixTimeZone] == "CET-1CEST,M3.5.0,M10.5.0/3")
        #expect(options[.timeZoneName] == "Europe/Berlin")
        #expect(options[.ipv6OnlyPreferred] == DHCPDuration(seconds: 1800))
        #expect(options[.captivePortal] == "https://portal.example.org/api")
        #expect(options[.domainSearch] == [search, domain])
        #expect(options[.tftpServerAddresses] == ["192.168.64.6", "192.168.64.7"])
        #expect(options[.proxyAutoDiscovery] == "http://wpad.example.org/wpad.dat")
        #expect(options[.hostName] == "debian")
    }

    @Test func `what is configured is not sent to a client that does not ask for it`() throws {
        let domain = try #require(DomainName("example.org"))
        let options = try offer(requesting: [1, 3], configure: { $0.domainName = domain }).options
        #expect(options.codes.map(\.rawValue) == [1, 3, 6, 26, 51, 53, 54, 58, 59])
    }

    @Test func `what is asked for and not configured is not sent`() throws {
        let options = try offer(requesting: Array(1...254), from: Guest("52:54:00:12:34:56")).options
        #expect(options.codes.map(\.rawValue) == [1, 3, 6, 26, 28, 51, 53, 54, 58, 59])
    }

    @Test func `without router and name server, neither option is sent`() throws {
        let options = try offer(
            requesting: [3, 6],
            configure: {
                $0.routers = []; $0.domainNameServers = []
            }
        ).options
        #expect(options[raw: .routers] == nil)
        #expect(options[raw: .domainNameServers] == nil)
    }

    @Test func `classless routes come with the default route, under both numbers`() throws {
        let office = try #require(IPv4Subnet(containing: "10.0.0.0", prefixLength: 9))
        let everywhere = try #require(IPv4Subnet(containing: .any, prefixLength: 0))
        let routes = [
            DHCPRoute(destination: office, router: "192.168.64.7"),
            DHCPRoute(destination: everywhere, router: TestNetwork.gateway),
        ]
        let options = try offer(requesting: [3, 33, 121, 249], configure: { $0.routes = [routes[0]] }).options
        #expect(options[.classlessRoutes] == routes)
        #expect(options[.microsoftClasslessRoutes] == routes)
        #expect(options[.routers] == [TestNetwork.gateway])
        #expect(options[raw: .staticRoutes] == nil)
    }

    @Test func `a client that knows only static routes gets those that they can express`() throws {
        let host = try #require(IPv4Subnet(containing: "10.1.2.3", prefixLength: 32))
        let classful = try #require(IPv4Subnet(containing: "172.16.0.0", prefixLength: 16))
        let other = try #require(IPv4Subnet(containing: "10.0.0.0", prefixLength: 9))
        let options = try offer(
            requesting: [33],
            configure: {
                $0.routes = [host, classful, other].map { DHCPRoute(destination: $0, router: "192.168.64.7") }
            }
        ).options
        #expect(
            options[.staticRoutes] == [
                DHCPStaticRoute(destination: "10.1.2.3", router: "192.168.64.7"),
                DHCPStaticRoute(destination: "172.16.0.0", router: "192.168.64.7"),
            ])
    }

    @Test func `the client identifier comes back, whatever it is`() throws {
        let guest = Guest("52:54:00:12:34:56", identifier: DHCPClientIdentifier(bytes: [0xff, 1, 2, 3]))
        #expect(try offer(requesting: nil, from: guest).options[raw: .clientIdentifier] == [0xff, 1, 2, 3])
        // Too short to identify anybody, but RFC 6842 has no exception.
        let short = try offer(requesting: nil, modify: { $0.options[raw: .clientIdentifier] = [7] })
        #expect(short.options[raw: .clientIdentifier] == [7])
    }

    @Test func `what a relay added comes back, last in the options field`() throws {
        let network = try TestNetwork()
        let discover = guest.discover {
            $0.relayAddress = "192.168.64.200"
            $0.options[raw: .relayAgentInformation] = [1, 2, 0xaa, 0xbb]
            $0.options[.parameterRequestList] = [.hostName, DHCPOptionCode(rawValue: 249)]
        }
        guard case .reply(let reply) = network.answer(to: discover, source: "52:54:00:00:99:99") else {
            Issue.record("no reply")
            return
        }
        #expect(reply.message.options[raw: .relayAgentInformation] == [1, 2, 0xaa, 0xbb])
        let used = reply.payload.prefix(while: { _ in true }).reversed().drop { $0 == 0 }.reversed()
        #expect(Array(used.suffix(7)) == [82, 4, 1, 2, 0xaa, 0xbb, 255])
    }

    @Test func `a client that would invent an address is told not to`() throws {
        let asked = try offer(requesting: nil, modify: { $0.options[.autoConfigure] = 1 })
        #expect(asked.options[.autoConfigure] == 0)
        #expect(try offer(requesting: [116]).options[raw: .autoConfigure] == nil)
    }

    private typealias Flags = DHCPClientFQDN.Flags

    @Test(
        arguments: [
            (.serverUpdates, false, [.noUpdates, .overridden]),
            ([], false, .noUpdates),
            (.serverUpdates, true, .serverUpdates),
            ([], true, [.serverUpdates, .overridden]),
            ([.serverUpdates, .encoded], true, [.serverUpdates, .encoded]),
        ] as [(asked: Flags, namesLeases: Bool, answered: Flags)])
    func `the full name says who makes it known`(
        _ asked: DHCPClientFQDN.Flags, _ namesLeases: Bool, _ answered: DHCPClientFQDN.Flags
    ) throws {
        let domain = try #require(DomainName("example.org"))
        let reply = try offer(
            requesting: nil, from: Guest("52:54:00:12:34:56"),
            configure: {
                $0.namesLeases = namesLeases
                $0.domainName = domain
            },
            modify: { $0.options[.clientFQDN] = DHCPClientFQDN(flags: asked, name: "vm_1.elsewhere.example") })
        let name = try #require(reply.options[.clientFQDN])
        #expect(name.flags == answered)
        #expect(name.name == (asked.contains(.encoded) ? "vm-1.example.org." : "vm-1.example.org"))
    }

    @Test func `an option known by number only is sent when asked for, or always when forced`() throws {
        let configure = { (configuration: inout DHCPServerConfiguration) throws in
            configuration.extraOptions = [
                try DHCPExtraOption(number: 224, hex: "01:02:ff"),
                try DHCPExtraOption(number: 225, hex: "aabb", isForced: true),
            ]
        }
        #expect(try offer(requesting: [224], configure: configure).options[raw: .init(rawValue: 224)] == [1, 2, 255])
        let unasked = try offer(requesting: [1], configure: configure)
        #expect(unasked.options[raw: .init(rawValue: 224)] == nil)
        #expect(unasked.options[raw: .init(rawValue: 225)] == [0xaa, 0xbb])
    }

    @Test func `an option given by number wins over the configured one`() throws {
        let options = try offer(
            requesting: [], configure: { $0.extraOptions = [try DHCPExtraOption(number: 6, hex: "08080808")] }
        ).options
        #expect(options[.domainNameServers] == ["8.8.8.8"])
    }
}

@Suite struct DHCPServerReplySizeTests {
    /// A configuration that does not fit 576 bytes.
    private func reply(
        maximum: UInt16?, mtu: Int = 1500, routeCount: Int = 20
    ) throws -> (payload: [UInt8], parsed: DHCPMessage) {
        let names = ["alpha.example.org", "beta.example.org", "gamma.example.org"]
        let configuration = try DHCPServerConfiguration(
            gateway: TestNetwork.gateway, last: "192.168.64.20", mask: "255.255.255.0", mtu: mtu)
        let network = try TestNetwork {
            $0 = configuration
            $0.domainSearch = names.compactMap(DomainName.init)
            $0.routes = (0..<routeCount).compactMap { number in
                IPv4Subnet(containing: IPv4Address(bits: 0x0a00_0000 + UInt32(number) << 8), prefixLength: 24)
                    .map { DHCPRoute(destination: $0, router: "192.168.64.7") }
            }
        }
        let discover = guest.discover {
            $0.options[.maximumMessageSize] = maximum
            $0.options[.parameterRequestList] = [.domainSearch, .classlessRoutes, .microsoftClasslessRoutes]
        }
        guard case .reply(let reply) = network.answer(to: discover) else { throw WireError.malformed }
        return (reply.payload, try DHCPMessage(parsing: reply.payload.span))
    }

    @Test func `a client that says nothing gets a datagram of 576 bytes at most`() throws {
        #expect(try reply(maximum: nil).payload.count <= 548)
        #expect(try reply(maximum: 100).payload.count <= 548)
    }

    @Test func `options move into the header's fields before any is left out`() throws {
        let (payload, parsed) = try reply(maximum: 576)
        // 174 bytes of routes and 56 of domains fit 308 bytes of options beside the others; the copy of the routes does
        // not, and is split between what is left of the options, file and sname.
        #expect(parsed.options[.classlessRoutes]?.count == 21)
        #expect(parsed.options[.microsoftClasslessRoutes] == parsed.options[.classlessRoutes])
        #expect(parsed.options[.domainSearch]?.count == 3)
        #expect(payload.count == 548)
        #expect(payload[108] != 0)
        #expect(payload[44] != 0)
    }

    @Test func `what does not fit at all is left out, least wanted first`() throws {
        let (payload, parsed) = try reply(maximum: 576, routeCount: 30)
        #expect(payload.count <= 548)
        #expect(parsed.options[.classlessRoutes]?.count == 31)
        #expect(parsed.options[raw: .microsoftClasslessRoutes] == nil)
        #expect(parsed.options[.domainSearch]?.count == 3)
        #expect(parsed.options[.subnetMask] != nil)
    }

    @Test func `a client with room gets everything in the options field`() throws {
        let (payload, parsed) = try reply(maximum: 1500, routeCount: 40)
        #expect(parsed.options[.microsoftClasslessRoutes]?.count == 41)
        #expect(payload[44..<236].allSatisfy { $0 == 0 })
        #expect(payload.count <= 1472)
    }

    @Test func `a size that no link has is clamped to the MTU`() throws {
        let (payload, _) = try reply(maximum: 0xff00, routeCount: 200)
        #expect(payload.count <= 1472)
        #expect(try reply(maximum: 0xff00, mtu: 9000, routeCount: 200).payload.count > 1472)
    }
}
