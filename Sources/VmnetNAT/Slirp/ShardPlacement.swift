/// Which libslirp instance a new flow goes to.
///
/// Flows that begin together tend to be busy together, and to end together: they share an instance, so that one walk
/// through its sockets serves them all, and long-lived idle ones gather elsewhere. Once the instance is full, the emptiest
/// is next, or a new one when that is more than half full.
struct ShardPlacement {
    /// Flows in one instance: what a busy one has to carry of its neighbours.
    static let capacity = 64

    private var current = 0

    /// Chooses among the instances numbered below `count`, or `count` for one more.
    ///
    /// - Parameter population: flows in an instance; nil for a number that is free.
    mutating func choose(below count: Int, population: (Int) -> Int?) -> Int {
        if current < count, let flows = population(current), flows < Self.capacity { return current }
        var best = count
        var least = Self.capacity / 2
        for number in 0..<count {
            guard let flows = population(number) else {
                // A free number is better than one more.
                if best == count { best = number }
                continue
            }
            if flows < least || flows == least && best == count { (best, least) = (number, flows) }
        }
        current = best
        return best
    }
}
