/// A set of the numbers 0..<count that finds the lowest number not in it without a search, and takes memory for what
/// is in it only.
///
/// Level 0 holds a bit for each member. A bit of level n + 1 is set when the word of level n below it is all ones. With
/// 64 bits a word, 2^24 numbers take four levels: each operation touches at most four words.
struct AddressBitmap: Sendable {
    let count: Int
    /// Words that are zero are absent.
    private var levels: [[Int: UInt64]]

    init(count: Int) {
        self.count = count
        var levelCount = 1
        var reach = 64
        while reach < count {
            reach *= 64
            levelCount += 1
        }
        levels = Array(repeating: [:], count: levelCount)
    }

    mutating func insert(_ number: Int) {
        var index = number
        for level in levels.indices {
            let word = levels[level][index / 64, default: 0] | 1 << UInt64(index % 64)
            levels[level][index / 64] = word
            guard word == .max else { return }
            index /= 64
        }
    }

    mutating func remove(_ number: Int) {
        var index = number
        for level in levels.indices {
            guard let old = levels[level][index / 64] else { return }
            let word = old & ~(1 << UInt64(index % 64))
            levels[level][index / 64] = word == 0 ? nil : word
            guard old == .max else { return }
            index /= 64
        }
    }

    func contains(_ number: Int) -> Bool {
        (levels[0][number / 64] ?? 0) & 1 << UInt64(number % 64) != 0
    }

    /// nil when all are members.
    var lowestAbsent: Int? {
        var index = 0
        for level in levels.reversed() {
            let word = level[index] ?? 0
            guard word != .max else { return nil }
            index = index * 64 + (~word).trailingZeroBitCount
        }
        return index < count ? index : nil
    }
}
