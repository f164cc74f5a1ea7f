/// A condition that did not come about in time.
struct TimedOut: Error, CustomStringConvertible {
    let description: String

    init(_ what: String, after limit: Duration) {
        description = "waited \(limit) in vain for \(what)"
    }
}

/// Looks every few milliseconds whether `condition` holds yet.
///
/// - Throws: `TimedOut`, which names `what`, after `limit`; and what `condition` throws.
func eventually(_ what: String, within limit: Duration, _ condition: () async throws -> Bool) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !condition() {
        guard ContinuousClock.now < deadline else { throw TimedOut(what, after: limit) }
        try await Task.sleep(for: .milliseconds(5))
    }
}
