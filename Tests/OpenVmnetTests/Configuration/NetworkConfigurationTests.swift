import OpenVmnet
import Testing
import VmnetTesting
import VmnetWire

@Suite("A network's configuration")
struct NetworkConfigurationTests {
    private func configuration(_ netdev: String) throws -> NetworkConfiguration {
        var options = NetworkOptions()
        try options.add(netdev: netdev)
        return try NetworkConfiguration(options: options)
    }

    private static let identifier = "3c1f9d2e-5b7a-4e0c-9a41-0d8e6f7b2c35"

    private func message(_ netdev: String) -> String? {
        do {
            _ = try configuration(netdev)
            return nil
        } catch {
            return (error as? VmnetError)?.message
        }
    }

    @Test func `without options it is shared, 1500 bytes, with addresses to be chosen`() throws {
        let configuration = try NetworkConfiguration()
        #expect(configuration.mode == .shared)
        #expect(configuration.mtu == 1500)
        #expect(configuration.addresses == nil)
        #expect(!configuration.isIsolated)
        #expect(configuration.allowsHostLoopback)
        #expect(configuration.name == "shared")
    }

    @Test func `QEMU's option string says everything at once`() throws {
        let configuration = try configuration(
            "vmnet-shared,id=n0,start-address=192.168.105.1,end-address=192.168.105.20,subnet-mask=255.255.255.0,"
                + "isolated=on,nat66-prefix=fd12:3456:789a::,mtu=9000")
        #expect(configuration.addresses?.start == IPv4Address("192.168.105.1"))
        #expect(configuration.addresses?.end == IPv4Address("192.168.105.20"))
        #expect(configuration.addresses?.subnet.description == "192.168.105.0/24")
        #expect(configuration.isIsolated)
        #expect(configuration.nat66Prefix == IPv6Address("fd12:3456:789a::"))
        #expect(configuration.mtu == 9000)
    }

    @Test(arguments: [
        "vmnet-macos,mode=shared,dhcp-start-address=10.1.0.1,dhcp-end-address=10.1.0.9,dhcp-subnet-mask=255.255.0.0",
        "vmnet-shared,dhcp_start_address=10.1.0.1,dhcp_end_address=10.1.0.9,dhcp_subnet_mask=255.255.0.0",
        "vmnet-macos,options.mode=shared,start-address=10.1.0.1,end-address=10.1.0.9,subnet-mask=255.255.0.0",
    ])
    func `the names of QEMU's first patch are understood`(netdev: String) throws {
        let range = try #require(try configuration(netdev).addresses)
        #expect(range.start.description == "10.1.0.1")
        #expect(range.end.description == "10.1.0.9")
        #expect(range.subnet.prefixLength == 16)
    }

    @Test(arguments: [
        (
            "vmnet-shared,start-address=10.0.0.1",
            "'start-address', 'end-address', 'subnet-mask' should be provided together"
        ),
        (
            "vmnet-shared,start-address=10.0.0.1,end-address=10.0.0.9",
            "'start-address', 'end-address', 'subnet-mask' should be provided together"
        ),
        (
            "vmnet-shared,subnet-mask=255.0.0.0",
            "'start-address', 'end-address', 'subnet-mask' should be provided together"
        ),
        ("vmnet-shard", "Parameter 'type' does not accept value 'vmnet-shard'"),
        ("vmnet-shared,colour=red", "Parameter 'colour' is unexpected"),
        ("vmnet-shared,ifname=eth0", "Parameter 'ifname' is unexpected"),
        ("vmnet-shared,net-uuid=1", "Parameter 'net-uuid' is unexpected"),
        ("vmnet-shared,host-ip=192.168.128.1", "Parameter 'host-ip' is unexpected"),
        ("vmnet-host,nat66-prefix=fd00::", "Parameter 'nat66-prefix' is unexpected"),
        ("vmnet-host,ifname=eth0", "Parameter 'ifname' is unexpected"),
        ("vmnet-bridged,start-address=10.0.0.1", "Parameter 'start-address' is unexpected"),
        ("vmnet-bridged,mtu=1400", "Parameter 'mtu' is unexpected"),
        ("vmnet-shared,mtu", "Parameter 'mtu' is missing a value"),
        ("vmnet-shared,mtu=", "Parameter 'mtu' is missing a value"),
        ("vmnet-shared,mtu=1279", "'mtu' 1279 is not a number of bytes the network can carry"),
        ("vmnet-shared,mtu=65522", "'mtu' 65522 is not a number of bytes the network can carry"),
        ("vmnet-shared,isolated=maybe", "Parameter 'isolated' expects 'on' or 'off', not 'maybe'"),
        ("vmnet-shared,mode=host", "'mode' is given twice, as 'shared' and as 'host'"),
        ("vmnet-shared,nat66-prefix=2001:db8::", "'nat66-prefix' 2001:db8:: is not a unique local /64 prefix"),
        ("vmnet-shared,nat66-prefix=fd00::1", "'nat66-prefix' fd00::1 is not a unique local /64 prefix"),
    ])
    func `a wrong option is refused with its name and value`(netdev: String, expected: String) {
        #expect(message(netdev) == expected)
    }

    @Test(arguments: [
        ("192.168.1.300", "192.168.1.9", "255.255.255.0", "'start-address' 192.168.1.300 is not an IPv4 address"),
        (
            "192.168.1.1", "192.168.1.9", "255.0.255.0",
            "'subnet-mask' 255.0.255.0 is not a mask: its ones are not contiguous"
        ),
        (
            "192.168.1.1", "192.168.1.2", "255.255.255.254",
            "'subnet-mask' 255.255.255.254 leaves no room for a gateway and guests"
        ),
        ("11.0.0.1", "11.0.0.9", "255.255.255.0", "'start-address' 11.0.0.1 is not a private address"),
        (
            "192.168.1.1", "192.168.2.9", "255.255.255.0",
            "'end-address' 192.168.2.9 is not in the subnet 192.168.1.0/24"
        ),
        (
            "192.168.1.9", "192.168.1.1", "255.255.255.0",
            "'end-address' 192.168.1.1 is not above 'start-address' 192.168.1.9"
        ),
        (
            "192.168.1.1", "192.168.1.1", "255.255.255.0",
            "'end-address' 192.168.1.1 is not above 'start-address' 192.168.1.1"
        ),
        (
            "192.168.1.0", "192.168.1.9", "255.255.255.0",
            "'start-address' 192.168.1.0 is the network address of 192.168.1.0/24"
        ),
        (
            "192.168.1.1", "192.168.1.255", "255.255.255.0",
            "'end-address' 192.168.1.255 is the broadcast address of 192.168.1.0/24"
        ),
    ])
    func `a range that cannot be is refused`(start: String, end: String, mask: String, expected: String) {
        #expect(message("vmnet-shared,start-address=\(start),end-address=\(end),subnet-mask=\(mask)") == expected)
    }

    @Test func `in host mode everything but IPv6 is as in shared mode`() throws {
        let configuration = try configuration(
            "vmnet-host,start-address=192.168.105.1,end-address=192.168.105.20,subnet-mask=255.255.255.0,isolated=on")
        #expect(configuration.mode == .host)
        #expect(configuration.addresses?.start == IPv4Address("192.168.105.1"))
        #expect(configuration.isIsolated && configuration.identifier == nil && configuration.host == nil)
        #expect(configuration.name == "host")
    }

    @Test func `a bridged network has an interface, and no addresses of its own`() throws {
        let configuration = try configuration("vmnet-bridged,ifname=eth7,isolated=on")
        #expect(configuration.mode == .bridged && configuration.interfaceName == "eth7" && configuration.isIsolated)
        #expect(configuration.addresses == nil && configuration.host == nil && configuration.name == "bridged")
        var options = NetworkOptions()
        try options.add(netdev: "vmnet-bridged")
        #expect(throws: VmnetError.self) { try NetworkConfiguration(options: options, locksLeases: true) }
    }

    @Test func `a private network has its identifier for a name, and the host in it if that is wanted`() throws {
        let alone = try configuration("vmnet-host,net-uuid=\(Self.identifier)")
        #expect(alone.identifier == NetworkIdentifier(Self.identifier))
        #expect(alone.host == nil && alone.addresses == nil)
        #expect(alone.name == Self.identifier.uppercased())
        let with = try configuration(
            "vmnet-host,net-uuid=\(Self.identifier),host-ip=10.9.0.1,host-mask=255.255.0.0")
        #expect(with.host?.address == IPv4Address("10.9.0.1"))
        #expect(with.host?.subnet.description == "10.9.0.0/16")
    }

    @Test(arguments: [
        ("net-uuid=nonsense", "Invalid UUID provided in 'net-uuid'"),
        ("net-uuid=3c1f9d2e5b7a4e0c9a410d8e6f7b2c35", "Invalid UUID provided in 'net-uuid'"),
        ("net-uuid=UUID,host-ip=10.9.0.1", "'host-ip' and 'host-mask' should be provided together"),
        ("net-uuid=UUID,host-mask=255.255.0.0", "'host-ip' and 'host-mask' should be provided together"),
        ("host-ip=10.9.0.1,host-mask=255.255.0.0", "'host-ip' is given without 'net-uuid'"),
        ("net-uuid=UUID,host-ip=8.8.8.8,host-mask=255.0.0.0", "'host-ip' 8.8.8.8 is not a private address"),
        ("net-uuid=UUID,host-ip=10.9.0.x,host-mask=255.0.0.0", "'host-ip' 10.9.0.x is not an IPv4 address"),
        (
            "net-uuid=UUID,host-ip=10.9.0.0,host-mask=255.255.0.0",
            "'host-ip' 10.9.0.0 is the network address of 10.9.0.0/16"
        ),
        (
            "net-uuid=UUID,host-ip=10.9.0.1,host-mask=255.0.255.0",
            "'host-mask' 255.0.255.0 is not a mask: its ones are not contiguous"
        ),
        (
            "net-uuid=UUID,start-address=10.0.0.1,end-address=10.0.0.9,subnet-mask=255.0.0.0",
            "'start-address' and 'net-uuid' contradict each other"
        ),
    ])
    func `a private network that cannot be is refused`(options: String, expected: String) {
        #expect(message("vmnet-host,\(options.replacing("UUID", with: Self.identifier))") == expected)
    }

    @Test func `leases cannot be locked where there are none`() throws {
        var options = NetworkOptions()
        try options.add(netdev: "vmnet-host,net-uuid=\(Self.identifier)")
        #expect { try NetworkConfiguration(options: options, locksLeases: true) } throws: {
            "\($0)".hasPrefix("'lock-leases' and 'net-uuid' contradict each other")
        }
    }

    @Test(arguments: ["", "a/b", "..", "-x", ".hidden", "übel", "a b", String(repeating: "x", count: 65)])
    func `a name that is no plain file name is refused`(name: String) {
        #expect(throws: VmnetError.self) { try NetworkConfiguration(name: name) }
    }

    @Test(arguments: ["a", "web-1", "_x", "lab.net", "Z9", String(repeating: "x", count: 64)])
    func `a plain name is taken`(name: String) throws {
        #expect(try NetworkConfiguration(name: name).name == name)
    }

    @Test func `the same option twice with the same value is no contradiction`() throws {
        var options = NetworkOptions()
        try options.set(.mtu, to: "9000")
        try options.add(netdev: "vmnet-shared,mtu=9000")
        #expect(try NetworkConfiguration(options: options).mtu == 9000)
    }
}
