import Testing
import VmnetSystem
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

    private func refusal(_ netdev: String, force: Bool = false) -> VmnetError? {
        do {
            _ = try NetworkReservation(configuration(netdev, force: force), isNamed: false)
            return nil
        } catch {
            return error as? VmnetError
        }
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
        // Whatever this machine has; loopback addresses are no network's.
        let address = try InterfaceList.ipv4Addresses().first { IPv4Address(bits: $0.address.bits).isPrivate }
        guard let own = address,
            let subnet = IPv4Subnet(containing: IPv4Address(bits: own.address.bits), prefixLength: 24)
        else { return }
        let range = "start-address=\(subnet.network.advanced(by: 1)),end-address=\(subnet.network.advanced(by: 9))"
        let netdev = "vmnet-shared,\(range),subnet-mask=255.255.255.0"
        let error = try #require(refusal(netdev))
        #expect(error.code == .busy)
        #expect(error.message.contains("\(subnet)") && error.hint?.contains("--force") == true)
        #expect(refusal(netdev, force: true) == nil)
    }

    @Test func `another network's subnet is refused, unless forced`() throws {
        let netdev = "vmnet-host,start-address=10.222.111.1,end-address=10.222.111.9,subnet-mask=255.255.255.0"
        let reservation = try NetworkReservation(configuration(netdev), isNamed: false)
        let wide = "vmnet-host,start-address=10.222.0.1,end-address=10.222.0.9,subnet-mask=255.255.0.0"
        for other in [netdev, wide] {
            #expect(refusal(other)?.message.contains("another network of yours has 10.222.111.0/24") == true)
            #expect(refusal(other, force: true) == nil)
        }
        withExtendedLifetime(reservation) {}
    }

    @Test func `two networks without addresses of their own are not on one subnet`() throws {
        let one = try NetworkReservation(configuration("vmnet-host"), isNamed: false)
        let other = try NetworkReservation(configuration("vmnet-host"), isNamed: false)
        let subnets = try [one, other].map { try #require($0.addresses?.subnet) }
        #expect(subnets[0] != subnets[1])
        for subnet in subnets { #expect(subnet.network >= "192.168.128.0") }
    }
}
