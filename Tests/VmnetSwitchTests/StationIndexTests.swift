import Testing
import VmnetTesting
import VmnetWire

@testable import VmnetSwitch

@Suite struct StationIndexTests {
    private let one = PortID(rawValue: 1)
    private let now = Uptime(seconds: 1)

    private func index(seed: UInt64 = 1) -> StationIndex {
        var random = SeededGenerator(seed: seed)
        return StationIndex(using: &random)
    }

    @Test func `it holds what it was told, however it grows and shrinks`() {
        var index = index()
        var model: [MACAddress: PortID] = [:]
        var random = SeededGenerator(seed: 2)
        for _ in 0..<5000 {
            let address = MACAddress(bits: .random(in: 0..<4096, using: &random))
            let port = PortID(rawValue: .random(in: 1...9, using: &random))
            if Int.random(in: 0..<1000, using: &random) == 0 {
                index.removeAll { $0.port != port }
                model = model.filter { $0.value != port }
            } else {
                index.note(address, port, now)
                model[address] = port
            }
            #expect(index.count == model.count)
            #expect(index[address]?.port == model[address])
        }
        for bits in 0..<4096 as Range<UInt64> {
            #expect(index[MACAddress(bits: bits)]?.port == model[MACAddress(bits: bits)])
        }
    }

    /// Addresses that lie in each other's way in tables that hash badly: in a row, and far apart in every bit.
    @Test(arguments: [0, 1, 8, 16, 24, 32, 40] as [UInt64])
    func `no guest can choose addresses that are far to look for`(shift: UInt64) {
        for seed in 1...20 as ClosedRange<UInt64> {
            var index = index(seed: seed)
            for number in 0..<1024 as Range<UInt64> {
                index.note(MACAddress(bits: 0x0200_0000_0000 ^ number << shift), one, now)
            }
            #expect(index.longestWay < 50)
        }
    }

    @Test func `where an address is kept differs from table to table`() {
        var orders: Set<[MACAddress]> = []
        for seed in 1...10 as ClosedRange<UInt64> {
            var index = index(seed: seed)
            for number in 0..<8 as Range<UInt64> { index.note(MACAddress(bits: number), one, now) }
            orders.insert(index.entries.map(\.address))
        }
        #expect(orders.count > 5)
    }
}

extension StationIndex {
    /// The most slots between two vacant ones: no look takes more steps.
    fileprivate var longestWay: Int {
        (slots + slots).split(whereSeparator: \.isVacant).map(\.count).max() ?? 0
    }
}
