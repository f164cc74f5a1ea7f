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
