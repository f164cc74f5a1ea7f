import OpenVmnet
import Testing
import VmnetDHCP
import VmnetTesting
import VmnetWire

/// What a configuration can leave out of a network.
@Suite struct SwitchedOffServicesTests {
    private static func configuration() throws -> NetworkConfiguration {
        try NetworkConfiguration(
            mode: .shared,
            addresses: AddressRange(start: "10.79.1.1", end: "10.79.1.20", mask: "255.255.255.0"),
            nat66Prefix: "fd12:3456:789a::", allowsUsedSubnet: true)
    }

    @Test func `an address is kept for the guest that it is reserved for`() throws {
        var configuration = try Self.configuration()
        let id = InterfaceID()
        let station: MACAddress = "52:54:00:00:00:07"
        configuration.reservations = [
            try AddressReservation(macAddress: station, address: "10.79.1.99", hostName: "web")
        ]
        let network = try Network(configuration)
        let other = try network.makeInterface()
        #expect(try other.lease()?.address == "10.79.1.2")
        let guest = try network.makeInterface(InterfaceConfiguration(id: id, macAddress: station))
        #expect(try guest.lease()?.address == "10.79.1.99")
        #expect(network.leases().contains { $0.address == "10.79.1.99" && $0.hostName == "web" })
    }

    @Test func `a reservation that is not of the network is refused, and so is one that nobody can get`() throws {
        var configuration = try Self.configuration()
        configuration.reservations = [try AddressReservation("52:54:00:00:00:07=10.79.2.9")]
        #expect(status { _ = try Network(configuration) } == .invalidArgument)
        configuration.reservations = [try AddressReservation("52:54:00:00:00:07=10.79.1.9")]
        configuration.servesDHCP = false
        #expect(status { _ = try Network(configuration) } == .invalidArgument)
    }

    @Test func `without a DHCP server guests choose their addresses, and have all the rest`() throws {
        var configuration = try Self.configuration()
        configuration.servesDHCP = false
        let guest = try Network(configuration).makeInterface()
        #expect(try guest.lease() == nil)
        try guest.send([guest.builder().arpRequest(from: "10.79.1.50", for: "10.79.1.1")])
        #expect(try guest.take().count == 1)
        #expect(guest.parameters.addresses?.start == "10.79.1.1")
    }

    @Test func `without a name server guests are told of none, and find none`() throws {
        var configuration = try Self.configuration()
        configuration.proxiesDNS = false
        let guest = try Network(configuration).makeInterface()
        let lease = try #require(try guest.lease())
        #expect(lease.domainNameServers == [] && lease.routers == ["10.79.1.1"])
    }

    @Test func `without translation packets to the outside are prohibited, by either version of IP`() throws {
        var configuration = try Self.configuration()
        configuration.translatesIPv4 = false
        configuration.translatesIPv6 = false
        let guest = try Network(configuration).makeInterface()
        let gateway: MACAddress = "52:55:0a:4f:01:01"
        try guest.send([
            guest.builder().arpRequest(from: "10.79.1.2", for: "10.79.1.1"),
            guest.builder(to: gateway).tcp(from: "10.79.1.2:1025", to: "203.0.113.1:80", flags: .syn, sequence: 1),
        ])
        let refusal = try #require(try guest.take().last)
        #expect(Array(refusal[34..<36]) == [3, 13])
        let before = guest.statistics.dropped["prohibited"] ?? 0
        try guest.send([
            guest.builder(to: gateway).tcp(
                from: "[fd12:3456:789a::9]:1025", to: "[2001:db8::1]:80", flags: .syn, sequence: 1)
        ])
        #expect(guest.statistics.dropped["prohibited"] == before + 1)
    }

    @Test(arguments: [true, false])
    func `a router advertises itself, unless it is not to`(advertisesRouter: Bool) throws {
        var configuration = try Self.configuration()
        configuration.advertisesRouter = advertisesRouter
        let guest = try Network(configuration).makeInterface()
        try guest.send([
            guest.builder(to: "33:33:00:00:00:02").ipv6(
                IPv6Header(
                    nextHeader: .icmpv6, source: "fe80::9", destination: "ff02::2", payloadLength: 8, hopLimit: 255),
                payload: [133, 0, 0x7d, 0x2e, 0, 0, 0, 0])
        ])
        let types = try guest.take().filter { $0.count > 54 && $0[20] == 58 }.map { $0[54] }
        #expect(types.contains(134) == advertisesRouter)
    }

    @Test func `a configuration of values is checked as one of options is`() throws {
        #expect(try Self.configuration() == NetworkConfiguration(options: Self.options(), allowsUsedSubnet: true))
        #expect(status { _ = try NetworkConfiguration(mode: .shared, mtu: 100) } == .invalidArgument)
        #expect(
            status { _ = try NetworkConfiguration(mode: .host, nat66Prefix: "fd00::") } == .invalidArgument)
        #expect(status { _ = try NetworkConfiguration(mode: .shared, nat66Prefix: "2001:db8::") } == .invalidArgument)
    }

    private static func options() throws -> NetworkOptions {
        var options = NetworkOptions()
        try options.add(
            netdev: "vmnet-shared,start-address=10.79.1.1,end-address=10.79.1.20,subnet-mask=255.255.255.0,"
                + "nat66-prefix=fd12:3456:789a::")
        return options
    }

    @Test func `forwards of the configuration are there from the beginning`() throws {
        var configuration = try Self.configuration()
        configuration.forwards = [try PortForward(from: .tcp(.v4("127.0.0.1"), port: 0), port: 80)]
        #expect(try Network(configuration).forwards().count == 1)
        #expect(status { _ = try PortForward(from: .unix(path: "/tmp/x"), port: 0) } == .invalidArgument)
    }
}
