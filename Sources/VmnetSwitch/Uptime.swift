/// A moment in whole seconds since the machine's start: what the switch tells time by.
///
/// The standard library's instants have no layout that the compiler may know, so that each copy of one goes through the
/// runtime, and their differences have 128 bits. One of these is made for each batch of frames.
package struct Uptime: Hashable, Comparable, Sendable {
    package let seconds: UInt32

    package init(seconds: UInt32) {
        self.seconds = seconds
    }

    package init(_ instant: ContinuousClock.Instant) {
        seconds = UInt32(truncatingIfNeeded: (instant - Self.epoch).components.seconds)
    }

    /// Whether fewer than `seconds` have passed since `earlier`.
    func isWithin(_ seconds: UInt32, of earlier: Uptime) -> Bool { self.seconds &- earlier.seconds < seconds }

    private static let epoch = ContinuousClock().systemEpoch

    package static func < (left: Uptime, right: Uptime) -> Bool { left.seconds < right.seconds }
}
