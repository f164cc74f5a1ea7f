import Testing
import VmnetSwitch
import VmnetTesting

@testable import OpenVmnet

@Suite("An agenda") struct AgendaTests {
    private let start = ContinuousClock.now
    private var agenda = Agenda()

    private func time(_ seconds: Int) -> ContinuousClock.Instant { start + .seconds(seconds) }

    private func port(_ number: UInt32) -> PortID { PortID(rawValue: number) }

    @Test func `nobody has a deadline at first`() {
        #expect(agenda.first == nil)
    }

    @Test mutating func `those whose time has come are taken out in order, once`() {
        for (number, seconds) in [(1, 30), (2, 10), (3, 20), (4, 40)] {
            agenda.set(time(seconds), for: port(UInt32(number)))
        }
        #expect(agenda.first == time(10))
        #expect(agenda.removeDue(time(30)) == [port(2), port(3), port(1)])
        #expect(agenda.removeDue(time(30)) == [])
        #expect(agenda.first == time(40))
    }

    @Test mutating func `a port has one deadline, which can be moved and given up`() {
        agenda.set(time(10), for: port(1))
        agenda.set(time(20), for: port(2))
        agenda.set(time(30), for: port(1))
        #expect(agenda.first == time(20))
        agenda.set(nil, for: port(2))
        #expect(agenda.first == time(30))
        agenda.remove(port(1))
        agenda.remove(port(1))
        agenda.remove(port(99))
        #expect(agenda.first == nil)
    }

    @Test mutating func `whatever is moved, the first is first`() {
        var random = SeededGenerator(seed: 1)
        var model: [PortID: Int] = [:]
        for _ in 0..<5000 {
            let id = port(.random(in: 1...40, using: &random))
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<7:
                let seconds = Int.random(in: 0..<1000, using: &random)
                agenda.set(time(seconds), for: id)
                model[id] = seconds
            case 7..<9:
                agenda.remove(id)
                model[id] = nil
            default:
                guard let first = model.values.min() else { continue }
                #expect(Set(agenda.removeDue(time(first))) == Set(model.filter { $0.value == first }.keys))
                model = model.filter { $0.value != first }
            }
            #expect(agenda.first == model.values.min().map(time))
        }
    }
}
