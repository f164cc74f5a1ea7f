import Testing
import VmnetSwitch
import VmnetWire

@testable import OpenVmnet

@Suite("The owners of IPv6 addresses")
struct IPv6AddressOwnersTests {
    private let one = PortID(rawValue: 1)
    private let two = PortID(rawValue: 2)
    private var owners = IPv6AddressOwners()

    private mutating func take(_ number: UInt64, _ port: PortID) -> Bool {
        owners.take(IPv6Address(high: 0xfe80 << 48, low: number), for: port)
    }

    @Test mutating func `whoever uses an address first has it`() {
        #expect(take(0, one))
        #expect(take(0, one))
        #expect(!take(0, two))
        owners.forget(one)
        #expect(take(0, two))
    }

    @Test mutating func `a port that invents addresses loses its own oldest ones, and nobody else's`() {
        #expect(take(999_999, two))
        for number in 0..<10_000 as Range<UInt64> { #expect(take(number, one)) }
        #expect(owners.count == IPv6AddressOwners.addressesPerPort + 1)
        #expect(!take(999_999, one))
        #expect(take(0, two))
        #expect(!take(9999, two))
    }

    @Test mutating func `an address that is in use stays, whatever came before and after it`() {
        for number in 0..<1000 as Range<UInt64> {
            #expect(take(5000, one))
            #expect(take(number, one))
        }
        #expect(!take(5000, two))
    }
}
