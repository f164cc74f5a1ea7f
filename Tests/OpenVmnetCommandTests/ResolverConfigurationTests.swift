import Testing
import VmnetWire

@testable import openvmnet

@Suite struct ResolverConfigurationTests {
    @Test func `servers and domain are written as resolv.conf has them`() {
        let servers = [IPv4Address(bits: 0xc0a8_4001), IPv4Address(bits: 0x0808_0808)]
        #expect(
            ResolverConfiguration(servers: servers, searchDomains: ["example.org", "test"]).text == """
                # From DHCP, by openvmnet.
                search example.org test
                nameserver 192.168.64.1
                nameserver 8.8.8.8

                """)
    }

    @Test func `a lease without servers makes a file without servers`() {
        #expect(ResolverConfiguration(servers: []).text == "# From DHCP, by openvmnet.\n")
    }

    @Test func `more servers than are read are not written`() {
        let servers = (1...5).map { IPv4Address(bits: 0x0a00_0000 + $0) }
        #expect(ResolverConfiguration(servers: servers).text.hasSuffix("nameserver 10.0.0.2\nnameserver 10.0.0.3\n"))
    }
}
