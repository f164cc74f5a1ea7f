import Testing
import VmnetDHCP
import VmnetTesting
import VmnetWire

@Suite struct DHCPServerConfigurationTests {
    private func error(
        gateway: IPv4Address = "192.168.64.1", last: IPv4Address = "192.168.64.20",
        mask: IPv4Address = "255.255.255.0", mtu: Int = 1500,
        configure: (inout DHCPServerConfiguration) throws(DHCPConfigurationError) -> Void = { _ in }
    ) -> String? {
        do throws(DHCPConfigurationError) {
            var configuration = try DHCPServerConfiguration(gateway: gateway, last: last, mask: mask, mtu: mtu)
            try configure(&configuration)
            return nil
        } catch {
            return error.description
        }
    }

    @Test func `a configuration that a server can run with is accepted`() {
        #expect(error() == nil)
        #expect(error(gateway: "10.0.0.1", last: "10.255.255.255", mask: "255.0.0.0", mtu: 576) == nil)
    }

    @Test func `a mask with holes is refused`() {
        #expect(error(mask: "255.0.255.0") == "255.0.255.0 is not a subnet mask")
    }

    @Test func `a range without addresses for guests is refused`() {
        let text = "no address for guests between 192.168.64.1 and 192.168.64.1 in 192.168.64.0/24"
        #expect(error(last: "192.168.64.1") == text)
        #expect(error(last: "192.168.65.20") != nil)
        #expect(error(gateway: "192.168.64.30") != nil)
        #expect(error(gateway: "192.168.64.0") != nil)
        #expect(error(gateway: "192.168.64.254", last: "192.168.64.255") != nil)
        #expect(error(gateway: "192.168.64.0", last: "192.168.64.1", mask: "255.255.255.254") != nil)
    }

    @Test func `an MTU that DHCP cannot live with is refused`() {
        #expect(error(mtu: 575) == "an MTU of 575 is not in 576...65535")
        #expect(error(mtu: 65536) != nil)
    }

    @Test func `a reservation outside of what guests can have, or made twice, is refused`() {
        func reserve(_ address: IPv4Address, for number: Int = 1) -> DHCPReservation {
            DHCPReservation(client: .hardwareAddress(Guest.numbered(number).hardwareAddress), address: address)
        }
        let text = "192.168.65.2 cannot be reserved: it is not a guest's address in 192.168.64.0/24"
        #expect(error { config throws(DHCPConfigurationError) in try config.reserve(reserve("192.168.65.2")) } == text)
        for address in ["192.168.64.0", "192.168.64.1", "192.168.64.255"] as [IPv4Address] {
            #expect(error { config throws(DHCPConfigurationError) in try config.reserve(reserve(address)) } != nil)
        }
        #expect(
            error { config throws(DHCPConfigurationError) in
                try config.reserve(reserve("192.168.64.5"))
                try config.reserve(reserve("192.168.64.5", for: 2))
            } == "192.168.64.5 is reserved twice")
        #expect(
            error { config throws(DHCPConfigurationError) in
                try config.reserve(reserve("192.168.64.5"))
                try config.reserve(reserve("192.168.64.6"))
            } == "52:54:00:12:00:01 has two reservations")
    }

    @Test(arguments: [
        (0, "00", "there is no DHCP option 0: numbers are 1...254"),
        (255, "00", "there is no DHCP option 255: numbers are 1...254"),
        (-1, "00", "there is no DHCP option -1: numbers are 1...254"),
        (224, "0x01", "DHCP option 224: '0x01' is not pairs of hexadecimal digits"),
        (224, "012", "DHCP option 224: '012' is not pairs of hexadecimal digits"),
        (53, "01", "DHCP option 53 is set by the server itself"),
    ])
    func `an option by number that makes no sense is refused`(_ number: Int, _ hex: String, _ text: String) {
        let error = #expect(throws: DHCPConfigurationError.self) { try DHCPExtraOption(number: number, hex: hex) }
        #expect(error?.description == text)
    }
}
