import Testing
import VmnetSwitch
import VmnetTesting
import VmnetWire

@testable import OpenVmnet

@Suite("Who a forward leads to")
struct GuestDirectoryTests {
    private static let first = GuestDirectory.Guest(
        address: "192.168.64.2", station: "02:00:00:00:00:01", port: PortID(rawValue: 1), name: "vm", isLeased: true)
    private static let second = GuestDirectory.Guest(
        address: "192.168.64.3", station: "02:00:00:00:00:02", port: PortID(rawValue: 2), name: "vm", isLeased: true)
    /// An address that the first has given itself besides.
    private static let alias = GuestDirectory.Guest(
        address: "192.168.64.9", station: "02:00:00:00:00:01", port: PortID(rawValue: 1))

    @Test func `nobody is named, and there is one guest`() {
        #expect(GuestDirectory([Self.alias, Self.first]).find(.only) == .found(Self.first))
        #expect(GuestDirectory([]).find(.only) == .unseen("no guest has an address yet"))
        guard case .several(let reason) = GuestDirectory([Self.first, Self.second]).find(.only) else {
            Issue.record("one was chosen")
            return
        }
        #expect(reason.hasPrefix("2 guests"))
    }

    @Test func `an address is the guest's that has it, leased or not`() {
        let directory = GuestDirectory([Self.alias, Self.first])
        #expect(directory.find(.address("192.168.64.2")) == .found(Self.first))
        #expect(directory.find(.address("192.168.64.9")) == .found(Self.alias))
        #expect(directory.find(.address("192.168.64.4")) == .unseen("no guest has the address 192.168.64.4 yet"))
    }

    @Test func `a station is reached at its lease`() {
        let directory = GuestDirectory([Self.alias, Self.first])
        #expect(directory.find(.station("02:00:00:00:00:01")) == .found(Self.first))
        #expect(
            directory.find(.station("02:00:00:00:00:07")) == .unseen("the guest 02:00:00:00:00:07 has no address yet"))
    }

    @Test func `a name is the guest's that leased under it, if it is one`() {
        #expect(GuestDirectory([Self.first]).find(.name("vm")) == .found(Self.first))
        #expect(
            GuestDirectory([Self.first]).find(.name("db"))
                == .unseen("no guest has leased an address under the name db yet"))
        guard case .several = GuestDirectory([Self.first, Self.second]).find(.name("vm")) else {
            Issue.record("one was chosen")
            return
        }
    }
}
