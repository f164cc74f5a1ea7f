import OpenVmnet
import Testing
import VmnetTesting
import VmnetWire

@Suite struct AddressReservationTests {
    @Test func `a reservation is a MAC address, an address and perhaps a name`() throws {
        let plain = try AddressReservation("52:54:00:12:34:56=192.168.64.10")
        #expect(plain.macAddress == "52:54:00:12:34:56" && plain.address == "192.168.64.10" && plain.hostName == nil)
        let named = try AddressReservation("52-54-0-12-34-56=192.168.64.10,web-1")
        #expect(named.hostName == "web-1")
        #expect(named.description == "52:54:00:12:34:56=192.168.64.10,web-1")
    }

    @Test(arguments: [
        "", "=", "52:54:00:12:34:56", "52:54:00:12:34:56=", "52:54:00:12:34=192.168.64.10",
        "52:54:00:12:34:56=192.168.64", "52:54:00:12:34:56=192.168.64.10,", "52:54:00:12:34:56=192.168.64.10,a.b",
        "52:54:00:12:34:56=192.168.64.10,-",
    ])
    func `anything else is refused`(_ text: String) {
        #expect { try AddressReservation(text) } throws: {
            ($0 as? VmnetError)?.code == .invalidConfiguration && ($0 as? VmnetError)?.hint != nil
        }
    }
}
