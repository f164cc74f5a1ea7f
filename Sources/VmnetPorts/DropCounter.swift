import VmnetSwitch

/// Counts of dropped frames that wait to be taken.
struct DropCounter {
    /// By `DropReason.rawValue`; empty until there is something to count, as it is for nearly every port.
    private var counts: [UInt64] = []

    mutating func count(_ reason: DropReason, _ frames: UInt64 = 1) {
        if counts.isEmpty { counts = [UInt64](repeating: 0, count: DropReason.allCases.count) }
        counts[Int(reason.rawValue)] &+= frames
    }

    /// Takes over what another has counted.
    mutating func add(_ other: consuming DropCounter) {
        for (reason, count) in other.take() { self.count(reason, count) }
    }

    /// What was counted since the last call.
    mutating func take() -> [(reason: DropReason, count: UInt64)] {
        guard !counts.isEmpty else { return [] }
        defer { counts = [] }
        return DropReason.allCases.compactMap { reason in
            let count = counts[Int(reason.rawValue)]
            return count == 0 ? nil : (reason, count)
        }
    }
}
