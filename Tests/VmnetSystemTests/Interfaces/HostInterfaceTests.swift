import CVmnetLinux
import Glibc
import SystemPackage
import Testing
import VmnetSystem
import VmnetTesting

@Suite struct HostInterfaceTests {
    @Test func `a wired interface can be bridged, and the default route's is marked`() {
        let interfaces = Self.inventory([NetworkLink(index: 2, name: "eth0"), NetworkLink(index: 3, name: "eth1")])
        #expect(interfaces.map(\.name) == ["eth0", "eth1"])
        #expect(interfaces.map(\.kind) == ["ethernet", "ethernet"])
        #expect(interfaces.allSatisfy { $0.obstacle == nil && $0.caution == nil })
        #expect(interfaces.map(\.isDefault) == [true, false])
    }

    @Test func `loopback, tunnels and what is down cannot be bridged`() {
        var loopback = NetworkLink(index: 1, name: "lo", hardwareType: Int(ARPHRD_LOOPBACK))
        loopback.flags |= NetworkLink.Flag.loopback
        var tunnel = NetworkLink(index: 4, name: "tun0", hardwareType: Int(ARPHRD_NONE))
        tunnel.virtualKind = "tun"
        let modem = NetworkLink(index: 5, name: "wwan0", flags: NetworkLink.Flag.up | NetworkLink.Flag.pointToPoint)
        let down = NetworkLink(index: 6, name: "eth2", flags: 0)
        let unplugged = NetworkLink(index: 7, name: "eth3", flags: NetworkLink.Flag.up)
        let interfaces = Self.inventory([loopback, tunnel, modem, down, unplugged])
        #expect(interfaces.map(\.obstacle) == [.loopback, .notEthernet, .notEthernet, .down, nil])
        #expect(interfaces.map(\.kind) == ["loopback", "tun", "other", "ethernet", "ethernet"])
        #expect(interfaces.map(\.link.state.rawValue) == ["up", "up", "no-carrier", "down", "no-carrier"])
    }

    @Test func `a wireless interface cannot be bridged`() {
        var traits = InterfaceTraits()
        traits.isWireless = true
        let interface = Self.inventory([NetworkLink(index: 3, name: "wlan0")], traits: [3: traits])[0]
        #expect(interface.obstacle == .wireless && interface.kind == "wireless")
    }

    @Test(arguments: ["bridge", "bond", "team", "openvswitch"])
    func `a port cannot be bridged, and names what it is a port of`(kind: String) {
        var port = NetworkLink(index: 3, name: "eth0")
        port.masterIndex = 9
        port.portKind = kind
        let master = NetworkLink(index: 9, name: "br0")
        let interfaces = Self.inventory([port, master])
        #expect(interfaces[0].obstacle == .port(of: "br0", kind: kind))
        #expect(interfaces[0].obstacle?.remedy(for: "eth0") == "take br0")
        #expect(interfaces[1].obstacle == nil)
    }

    @Test func `a member of a VRF can be bridged`() {
        var member = NetworkLink(index: 3, name: "eth0")
        member.masterIndex = 9
        member.portKind = "vrf"
        #expect(Self.inventory([member])[0].obstacle == nil)
    }

    @Test(arguments: [
        ("macvlan", 4, true), ("macvtap", 1, true), ("macvlan", 8, false), ("ipvlan", nil, true), ("ipvtap", nil, true),
        ("veth", nil, false), ("bridge", nil, false), ("vlan", nil, false),
    ])
    func `an interface for one MAC address cannot be bridged`(kind: String, mode: UInt32?, isSingle: Bool) {
        var link = NetworkLink(index: 3, name: "if0")
        link.virtualKind = kind
        link.macvlanMode = mode
        #expect(Self.inventory([link])[0].obstacle == (isSingle ? .singleAddress(kind: kind) : nil))
    }

    @Test func `a card that may drop guests' frames can be bridged with a caution`() throws {
        var traits = InterfaceTraits()
        traits.isVirtualFunction = true
        var bridge = NetworkLink(index: 4, name: "br0")
        bridge.virtualKind = "bridge"
        let interfaces = Self.inventory(
            [NetworkLink(index: 2, name: "eth0"), NetworkLink(index: 3, name: "vf0"), bridge], traits: [3: traits],
            platform: "VMware")
        #expect(try #require(interfaces[0].caution).contains("VMware"))
        #expect(try #require(interfaces[1].caution).contains("spoofchk"))
        #expect(interfaces[2].caution == nil)
        #expect(interfaces.allSatisfy { $0.obstacle == nil })
    }

    @Test(arguments: [
        ("Amazon EC2", "t3.micro", true), ("Google", "Google Compute Engine", true), ("Google", "Coral", false),
        ("Microsoft Corporation", "Virtual Machine", true), ("Microsoft Corporation", "Surface Pro", false),
        ("VMware, Inc.", "VMware7,1", true), ("Dell Inc.", "PowerEdge R640", false), ("", "", false),
    ])
    func `a platform that filters MAC addresses is known by its firmware`(vendor: String, product: String, isOne: Bool)
    {
        #expect((HostPlatform.filteringMACAddresses(vendor: vendor, product: product) != nil) == isOne)
    }

    @Test func `sysfs tells wireless interfaces and virtual functions, if it is of this network namespace`() throws {
        let sysfs = TemporaryDirectory()
        for path in ["wlan0/phy80211", "vf0/device/physfn", "other0/wireless"] {
            try run("mkdir -p \(sysfs.file(path))")
        }
        for (name, index) in [("wlan0", 3), ("vf0", 4), ("other0", 7)] {
            try File.replace(sysfs.file("\(name)/ifindex"), with: Array("\(index)\n".utf8).span)
        }
        let traits = [("wlan0", 3), ("vf0", 4), ("other0", 5), ("eth0", 6)].map { name, index in
            InterfaceTraits.of(NetworkLink(index: index, name: name), sysfs: sysfs.path)
        }
        #expect(traits.map(\.isWireless) == [true, false, false, false])
        #expect(traits.map(\.isVirtualFunction) == [false, true, false, false])
    }

    @Test(.enabled(if: Privilege.mayMakeNetworks, "making a network namespace needs root"))
    func `the kernel's interfaces and default route are read`() async {
        await #expect(processExitsWith: .success) {
            try Namespace.unshare(.network)
            try run("ip link add name br0 type bridge")
            try run("ip link add name up0 address 02:00:00:00:00:01 mtu 1400 type veth peer name port0")
            try run("ip link set dev port0 master br0")
            for name in ["br0", "up0", "port0"] { try run("ip link set dev \(name) up") }
            try run("ip link add name mac0 link up0 type macvlan mode bridge")
            try run("ip link add name through0 link br0 type macvlan mode passthru")
            try run("ip link set dev through0 up")
            try run("ip address add 10.0.0.1/24 dev br0")
            try run("ip -6 route add default dev port0 metric 1")
            try run("ip route add default via 10.0.0.9 dev br0 metric 50")
            try run("ip route add default dev up0 metric 100")
            try run("ip route add unreachable default metric 1")
            try run("ip route add default dev up0 table 99 metric 1")
            let interfaces = try HostInterface.all()
            let found = Dictionary(uniqueKeysWithValues: interfaces.map { ($0.name, $0) })
            #expect(found["lo"]?.obstacle == .loopback && found["lo"]?.link.macAddress == nil)
            #expect(found["br0"]?.obstacle == nil && found["br0"]?.kind == "bridge" && found["br0"]?.isDefault == true)
            #expect(found["up0"]?.obstacle == nil && found["up0"]?.kind == "veth" && found["up0"]?.isDefault == false)
            #expect(found["up0"]?.link.macAddress == 0x0200_0000_0001 && found["up0"]?.link.mtu == 1400)
            #expect(found["port0"]?.obstacle == .port(of: "br0", kind: "bridge"))
            #expect(found["mac0"]?.obstacle == .singleAddress(kind: "macvlan"))
            #expect(found["through0"]?.obstacle == nil)
            try run("ip route del default dev br0")
            try run("ip route add default metric 2 nexthop via 10.0.0.8 dev br0 nexthop via 10.0.0.9 dev br0")
            #expect(try HostInterface.all().first(where: \.isDefault)?.name == "br0")
            try run("ip route flush root 0/0")
            #expect(try HostInterface.all().first(where: \.isDefault)?.name == "port0")
        }
    }

    @Test func `IPv4's default route counts more than IPv6's, and of one kind the lowest metric`() {
        let routes = [
            DefaultRoute(interface: 1, isIPv6: true, metric: 0), DefaultRoute(interface: 2, metric: 600),
            DefaultRoute(interface: 3, metric: 100), DefaultRoute(interface: 4, isIPv6: true, metric: 1024),
        ]
        #expect(DefaultRoute.preferred(of: routes)?.interface == 3)
        #expect(DefaultRoute.preferred(of: routes.filter(\.isIPv6))?.interface == 1)
        #expect(DefaultRoute.preferred(of: []) == nil)
    }

    private static func inventory(
        _ links: [NetworkLink], traits: [UInt32: InterfaceTraits] = [:], platform: String? = nil
    ) -> [HostInterface] {
        HostInterface.all(of: links, traits: traits, defaultIndex: 2, platform: platform)
    }
}
