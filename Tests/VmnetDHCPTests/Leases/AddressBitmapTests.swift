import Testing
import VmnetTesting

@testable import VmnetDHCP

@Suite struct AddressBitmapTests {
    @Test(arguments: [1, 2, 63, 64, 65, 4095, 4096, 4097, 1 << 24])
    func `the lowest number that is absent is found until there is none`(_ count: Int) {
        var bitmap = AddressBitmap(count: count)
        for expected in 0..<min(count, 5000) {
            #expect(bitmap.lowestAbsent == expected)
            bitmap.insert(expected)
        }
        #expect(bitmap.lowestAbsent == (count > 5000 ? 5000 : nil))
    }

    @Test func `it agrees with a set under random operations`() {
        var generator = SeededGenerator(seed: 1)
        var bitmap = AddressBitmap(count: 5000)
        var set: Set<Int> = []
        for step in 0..<50000 {
            let number = Int.random(in: 0..<5000, using: &generator)
            // First fills, then empties.
            if Int.random(in: 0..<25000, using: &generator) > abs(step - 25000) {
                bitmap.insert(number)
                set.insert(number)
            } else {
                bitmap.remove(number)
                set.remove(number)
            }
            guard step % 500 == 0 else { continue }
            #expect(bitmap.lowestAbsent == (0..<5000).first { !set.contains($0) })
            #expect((0..<5000).allSatisfy { bitmap.contains($0) == set.contains($0) })
        }
    }
}
