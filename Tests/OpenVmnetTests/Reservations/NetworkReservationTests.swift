import Testing
import VmnetTesting
import VmnetWire

@testable import OpenVmnet

@Suite("A network's reservation")
struct NetworkReservationTests {
    private func configuration(_ netdev: String, force: Bool = false) throws -> NetworkConfiguration {
        var options = NetworkOptions()
        try options.add(netdev: netdev)
        return try NetworkConfiguration(options: options, allowsUsedSubnet: force)
    }

    /// - Parameter host: what the host uses.
    private func refusal(_ netdev: String, force: Bool = false, host: [HostSubnet] = []) -> VmnetError? {
        do {
            _ = try NetworkReservation(configuration(netdev, force: force), isNamed: false) { host }
            return nil
        } catch {
            return error as? VmnetError
        }
    }

    /// What a host with one interface uses.
    private func lan(_ network: IPv4Address, _ prefixLength: Int, at interface: String? = "lan0") throws -> [HostSubnet]
    {
        let subnet = try #require(IPv4Subnet(containing: network, prefixLength: prefixLength))
        return [HostSubnet(subnet: subnet, interface: interface)]
    }

    @Test func `a private network's identifier is nobody else's, however it is written`() throws {
        let netdev = "vmnet-host,net-uuid=0f4de2a1-77aa-4d0e-8f53-2c9b1e6a7d40"
        let reservation = try NetworkReservation(configuration(netdev), isNamed: false)
        #expect(reservation.addresses == nil)
        let error = try #require(refusal("vmnet-host,net-uuid=0F4DE2A1-77AA-4D0E-8F53-2C9B1E6A7D40"))
        #expect(error.code == .busy)
        #expect(error.message.contains("0F4DE2A1-77AA-4D0E-8F53-2C9B1E6A7D40"))
        withExtendedLifetime(reservation) {}
    }

    @Test func `a subnet of the host's is refused with the interface's name, unless forced`() throws {
        let netdev = "vmnet-shared,start-address=10.97.3.1,end-address=10.97.3.9,subnet-mask=255.255.255.0"
        for (host, use) in [
            (try lan("10.97.3.64", 28), "10.97.3.64/28 is at lan0"), (try lan("10.0.0.0", 8), "10.0.0.0/8 is at lan0"),
            (try lan("10.97.0.0", 16, at: nil), "10.97.0.0/16 is at a route to nowhere"),
        ] {
            let error = try #require(refusal(netdev, host: host))
            #expect(error.code == .busy)
            #expect(error.message == "the subnet 10.97.3.0/24 is in use on this host: \(use)")
            #expect(error.hint?.contains("--force") == true)
            #expect(refusal(netdev, force: true, host: host) == nil)
        }
        #expect(try refusal(netdev, host: lan("10.97.4.0", 24)) == nil)
    }

    @Test func `a network without addresses of its own keeps out of the host's`() throws {
        let host = try lan("192.168.128.0", 18)
        let reservation = try NetworkReservation(configuration("vmnet-host"), isNamed: false) { host }
        #expect(try #require(reservation.addresses).subnet.network >= "192.168.192.0")
        let error = try refusal("vmnet-host", host: lan("192.168.0.0", 16))
        #expect(error?.message == "every /24 network under 192.168 is in use")
    }

    @Test func `networks that are told to may have one subnet, which none then chooses by itself`() throws {
        let netdev = "vmnet-host,start-address=192.168.128.1,end-address=192.168.128.9,subnet-mask=255.255.255.0"
        let one = try NetworkReservation(configuration(netdev), isNamed: false)
        let other = try NetworkReservation(configuration(netdev), isNamed: false)
        let free = try NetworkReservation(configuration("vmnet-host"), isNamed: false)
        #expect(one.addresses == other.addresses)
        #expect(free.addresses?.subnet.network != "192.168.128.0")
        withExtendedLifetime((one, other)) {}
    }

    @Test func `two networks without addresses of their own are not on one subnet`() throws {
        let one = try NetworkReservation(configuration("vmnet-host"), isNamed: false)
        let other = try NetworkReservation(configuration("vmnet-host"), isNamed: false)
        let subnets = try [one, other].map { try #require($0.addresses?.subnet) }
        #expect(subnets[0] != subnets[1])
        for subnet in subnets { #expect(subnet.network >= "192.168.128.0") }
    }
}
