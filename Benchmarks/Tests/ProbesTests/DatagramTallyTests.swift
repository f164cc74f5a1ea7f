import Probes
import Testing

@Suite struct DatagramTallyTests {
    private func tally(_ numbers: [UInt64], of flow: UInt64 = 7, isFromPeer: Bool = true) -> DatagramTally {
        var tally = DatagramTally(of: 7)
        for number in numbers { tally.count(number, of: flow, isFromPeer: isFromPeer) }
        return tally
    }

    @Test func `each datagram counts once, in whatever order they come`() {
        let tally = tally([5, 0, 1_000_000, 3, 0, 5, 5])
        #expect(tally.received == 4)
        #expect(tally.duplicates == 3)
        #expect(tally.strangers == 0)
    }

    @Test func `those of another flow, from another peer or with a number that nobody has given are strangers`() {
        #expect(tally([0, 1], of: 8).strangers == 2)
        #expect(tally([0, 1], isFromPeer: false).strangers == 2)
        #expect(tally([.max]).strangers == 1)
        #expect(tally([.max]).received == 0)
    }
}
