import Testing
import VmnetSwitch

@Suite struct PortIDTests {
    @Test func `a successor has the place and another name`() {
        let first = PortID(rawValue: 7)
        #expect(first.place == 7)
        #expect(first.successor.place == 7)
        #expect(first.successor != first)
        #expect(first.successor.successor != first.successor)
    }

    @Test func `a name returns after as many as have room in it, in the same place`() {
        var id = PortID(rawValue: 7)
        for _ in 0..<65536 { id = id.successor }
        #expect(id == PortID(rawValue: 7))
    }

    @Test func `the log tells guests in one place apart`() {
        #expect("\(PortID(rawValue: 7))" == "7")
        #expect("\(PortID(rawValue: 7).successor)" == "7.1")
    }
}
