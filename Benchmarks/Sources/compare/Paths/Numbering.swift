import Synchronization

/// Numbers for networks of the kernel that exist at the same time: 16 to 250, then from the start again.
enum Numbering {
    private static let count = Atomic<Int>(0)

    static func next() -> Int { 16 + (count.add(1, ordering: .relaxed).newValue - 1) % 235 }
}
