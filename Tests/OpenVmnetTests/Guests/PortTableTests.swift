import Testing
import VmnetSwitch

@testable import OpenVmnet

@Suite("A port table") struct PortTableTests {
    private var table = PortTable<String>()

    private mutating func add(_ guest: String) throws -> PortID {
        let id = try #require(table.nextID)
        table.insert(guest, as: id)
        return id
    }

    @Test mutating func `ports are numbered from 1`() throws {
        #expect(try add("anna") == PortID(rawValue: 1))
        #expect(try add("bert") == PortID(rawValue: 2))
        #expect(table[PortID(rawValue: 1)] == "anna")
        #expect(table[PortID(rawValue: 2)] == "bert")
        #expect(table[PortID(rawValue: 0)] == nil)
        #expect(table[PortID(rawValue: 3)] == nil)
        #expect(table.all == ["anna", "bert"])
    }

    @Test mutating func `a place is used again, a name is not`() throws {
        let anna = try add("anna")
        _ = try add("bert")
        table.remove(anna)
        #expect(table[anna] == nil)
        let carl = try add("carl")
        #expect(carl.place == anna.place)
        #expect(carl != anna)
        #expect(table[carl] == "carl")
        #expect(table[anna] == nil)
        table.remove(anna)
        #expect(table.all == ["carl", "bert"])
    }

    @Test mutating func `there are as many ports as places`() throws {
        for _ in 1..<PortID.placeCount { _ = try add("guest") }
        #expect(table.nextID == nil)
        table.remove(PortID(rawValue: 500))
        #expect(table.nextID?.place == 500)
    }
}
