/// Numbers of libslirp instances, each once, in the order in which they came.
struct ShardSet {
    private(set) var numbers: [Int32] = []
    /// Indexed by number.
    private var isMember: [Bool] = []

    /// Adds a number; whether it was not there yet.
    @discardableResult
    mutating func insert(_ number: Int) -> Bool {
        while isMember.count <= number { isMember.append(false) }
        guard !isMember[number] else { return false }
        isMember[number] = true
        numbers.append(Int32(number))
        return true
    }

    var isEmpty: Bool { numbers.isEmpty }

    func contains(_ number: Int) -> Bool { number < isMember.count && isMember[number] }

    /// Empties the set; its memory is kept.
    mutating func removeAll() {
        for number in numbers { isMember[Int(number)] = false }
        numbers.removeAll(keepingCapacity: true)
    }
}
