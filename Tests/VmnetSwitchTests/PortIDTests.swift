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

    @Test(arguments: [0, 3, 0xffff, 1 << 16 | 3, .max] as [UInt32])
    func `a name is read back as it is written`(number: UInt32) {
        let id = PortID(rawValue: number)
        #expect(PortID(id.description) == id)
    }

    @Test(arguments: ["", ".", "3.", ".3", "3.0", "03", "+3", "-1", "65536", "3.65536", "3.1.1", "three", " 3"])
    func `nothing else is a name`(text: String) {
        #expect(PortID(text) == nil)
    }
}
