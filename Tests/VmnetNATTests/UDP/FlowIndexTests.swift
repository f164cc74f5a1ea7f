import Testing
import VmnetTesting
import VmnetWire

@testable import VmnetNAT

@Suite struct FlowIndexTests {
    @Test func `it finds what a dictionary finds, through any sequence of changes`() {
        var index = FlowIndex()
        var model: [Int: UInt32] = [:]
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<5000 {
            let slot = Int.random(in: 0..<200, using: &generator)
            if let hash = model[slot] {
                index.remove(hash, slot: slot)
                model[slot] = nil
            } else {
                // Few different hashes, so that most of them collide.
                let hash = UInt32.random(in: 0..<40, using: &generator) &* 0x1000_0001
                index.insert(hash, slot: slot)
                model[slot] = hash
            }
            for (slot, hash) in model { #expect(index.slot(hash) { $0 == slot } == slot) }
            #expect(index.slot(UInt32.random(in: 0..<40, using: &generator)) { _ in false } == nil)
        }
    }
}

@Suite struct PeerSetTests {
    @Test func `it holds the last peers, and forgets the oldest of very many`() {
        func address(_ number: Int) -> IPv6Address { IPv6Address(high: 1, low: UInt64(number)) }
        var peers = PeerSet(address(0))
        for number in 1...5000 { peers.insert(address(number)) }
        let known = (0...5000).filter { peers.contains(address($0)) }
        #expect(known.count <= 2 * PeerSet.generationCapacity + 1)
        let latest = PeerSet.generationCapacity / 2
        #expect(known.suffix(latest).elementsEqual((5001 - latest)...5000))
    }
}
