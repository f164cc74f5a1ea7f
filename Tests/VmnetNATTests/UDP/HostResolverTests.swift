import Testing
import VmnetSystem
import VmnetTesting
import VmnetWire

@testable import VmnetNAT

@Suite struct HostResolverTests {
    @Test func `the first server of each family counts`() {
        let servers = HostResolver.Servers(
            parsing: """
                # nameserver 192.0.2.1
                search example.org
                nameserver fe80::1%eth0
                nameserver\t192.0.2.53 \r
                nameserver 2001:db8::53
                nameserver 192.0.2.54
                nameserver 2001:db8::54
                """)
        #expect(servers.first(isIPv4: true) == IPv6Address(mapping: "192.0.2.53"))
        #expect(servers.first(isIPv4: false) == "2001:db8::53")
    }

    @Test func `one family serves the other, and the host itself serves when there is nobody`() {
        let ipv6 = HostResolver.Servers(parsing: "nameserver 2001:db8::53")
        #expect(ipv6.first(isIPv4: true) == "2001:db8::53")
        let nobody = HostResolver.Servers(parsing: "nameserver\nnameserver nonsense\nnameserver 1.2.3.4.5")
        #expect(nobody.first(isIPv4: true) == IPv6Address(mapping: "127.0.0.1"))
        #expect(nobody.first(isIPv4: false) == .loopback)
    }

    @Test func `a change of the file is noticed within a second`() throws {
        let directory = TemporaryDirectory()
        let path = "\(directory.path)/resolv.conf"
        var resolver = HostResolver(path: path)
        func ask(at milliseconds: Int64) -> IPv6Address {
            resolver.address(isIPv4: true, now: NATTime(nanoseconds: 1).adding(milliseconds: milliseconds))
        }
        #expect(ask(at: 0) == IPv6Address(mapping: "127.0.0.1"))
        try File.replace(path, with: Array("nameserver 192.0.2.1\n".utf8).span)
        #expect(ask(at: 999) == IPv6Address(mapping: "127.0.0.1"))
        #expect(ask(at: 1001) == IPv6Address(mapping: "192.0.2.1"))
        try File.replace(path, with: Array("nameserver 192.0.2.22\n".utf8).span)
        #expect(ask(at: 1999) == IPv6Address(mapping: "192.0.2.1"))
        #expect(ask(at: 2002) == IPv6Address(mapping: "192.0.2.22"))
    }
}
