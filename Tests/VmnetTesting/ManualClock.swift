/// Time that stands still until the test moves it.
package struct ManualClock: Sendable {
    /// The moment the clock was made, at first.
    package private(set) var now: ContinuousClock.Instant

    package init() {
        now = .now
    }

    package mutating func advance(by duration: Duration) {
        now += duration
    }
}
