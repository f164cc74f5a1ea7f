import Testing
import VmnetTesting
import VmnetWire

@testable import VmnetNAT

@Suite struct SocketTableTests {
    private func key(_ port: UInt16, to destination: IPv4Address = "1.2.3.4") -> FlowKey {
        .tcp(
            source: IPv6Address(mapping: "192.168.64.2"), sourcePort: port,
            destination: IPv6Address(mapping: destination),
            destinationPort: 80)
    }

    @Test func `a socket is found by its descriptor and by its flow until it is removed`() {
        var table = SocketTable()
        let slot = table.insert(descriptor: 9, kind: .tcp, key: key(1))
        #expect(table.slot(ofDescriptor: 9) == slot)
        #expect(table.slot(of: key(1)) == slot)
        #expect(table.slot(of: key(1, to: "1.2.3.5")) == nil)
        #expect(table.count(of: .tcp) == 1)
        #expect(table.remove(descriptor: 9)?.key == key(1))
        #expect(table.slot(ofDescriptor: 9) == nil)
        #expect(table.slot(of: key(1)) == nil)
        #expect(table.flowCount == 0)
        #expect(table.remove(descriptor: 9) == nil)
        #expect(table.remove(descriptor: -1) == nil)
    }

    @Test func `a connection with two names is found by either, and gone by both`() {
        var table = SocketTable()
        let other = table.insert(descriptor: 8, kind: .tcp, key: key(3))
        let slot = table.insert(descriptor: 9, kind: .tcp, forward: ForwardID(rawValue: 7))
        table.name(slot, key(1), alias: key(2, to: "192.168.64.1"))
        #expect(table.slot(of: key(1)) == slot)
        #expect(table.slot(of: key(2, to: "192.168.64.1")) == slot)
        #expect(table.slot(of: key(3)) == other)
        #expect(table[slot].forward == ForwardID(rawValue: 7))
        table.remove(descriptor: 9)
        #expect(table.slot(of: key(1)) == nil)
        #expect(table.slot(of: key(2, to: "192.168.64.1")) == nil)
        #expect(table[slot].forward == nil)
    }

    @Test func `a slot's next tenant has another generation`() {
        var table = SocketTable()
        let slot = table.insert(descriptor: 9, kind: .udp, key: nil)
        let generation = table[slot].generation
        let isCurrentAtFirst = table.isCurrent(slot, generation: generation)
        table.remove(descriptor: 9)
        let isCurrentAfterwards = table.isCurrent(slot, generation: generation)
        #expect(table.insert(descriptor: 9, kind: .udp, key: nil) == slot)
        let isCurrentForTheNext = table.isCurrent(slot, generation: generation)
        let isCurrentBehind = table.isCurrent(slot + 1, generation: 0)
        #expect(isCurrentAtFirst)
        #expect(!isCurrentAfterwards)
        #expect(!isCurrentForTheNext)
        #expect(!isCurrentBehind)
    }

    @Test func `a descriptor that comes again has lost its socket unnoticed`() {
        var table = SocketTable()
        table.insert(descriptor: 9, kind: .tcp, key: key(1))
        let slot = table.insert(descriptor: 9, kind: .udp, key: .udp(source: .any, sourcePort: 2, path: .outside))
        #expect(table.slot(of: key(1)) == nil)
        #expect(table.slot(of: .udp(source: .any, sourcePort: 2, path: .outside)) == slot)
        #expect(table.flowCount == 1)
    }

    @Test func `it agrees with a dictionary through ten thousand random changes`() {
        var random = SeededGenerator(seed: 1)
        var table = SocketTable(seed: 42)
        var model: [Int32: FlowKey] = [:]
        for _ in 0..<10_000 {
            let descriptor = Int32.random(in: 3..<400, using: &random)
            if Bool.random(using: &random) {
                let key = key(UInt16.random(in: 0..<500, using: &random))
                for (other, taken) in model where taken == key {
                    table.remove(descriptor: other)
                    model[other] = nil
                }
                table.insert(descriptor: descriptor, kind: .tcp, key: key)
                model[descriptor] = key
            } else {
                #expect(table.remove(descriptor: descriptor)?.key == model[descriptor])
                model[descriptor] = nil
            }
            #expect(table.flowCount == model.count)
        }
        for (descriptor, key) in model {
            let slot = table.slot(of: key)
            #expect(slot != nil && slot == table.slot(ofDescriptor: descriptor))
        }
        for port in UInt16(0)..<500 where !model.values.contains(key(port)) {
            #expect(table.slot(of: key(port)) == nil)
        }
    }
}
