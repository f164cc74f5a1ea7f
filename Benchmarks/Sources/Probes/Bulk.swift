import Glibc

/// One connection's worth of octets, for guests that have no iperf3.
package struct Bulk {
    package enum Direction: String, Sendable { case sink, source }

    private let listener: IPSocket

    package init(port: UInt16) throws(SystemFailure) {
        listener = try IPSocket(.tcp)
        listener.limitWaiting(to: 20_000)
        try listener.bind(to: .any(port: port))
        try listener.listen()
    }

    /// Waits for one connection, and receives or sends for that long.
    ///
    /// - Returns: bits per second from the first octet on.
    package func measure(_ direction: Direction, seconds: Double) throws(SystemFailure) -> Double {
        guard let connection = listener.accept(isBlocking: true) else { throw SystemFailure("accept") }
        connection.limitWaiting(to: 2_000)
        var octets = [UInt8](repeating: 0, count: 1 << 18)
        var total = 0
        var start: Int?
        var now = monotonicNanoseconds()
        repeat {
            let count =
                direction == .sink ? connection.receive(into: &octets) : connection.send(octets, count: octets.count)
            now = monotonicNanoseconds()
            guard count > 0 else { break }
            if start == nil { start = now } else { total += count }
        } while Double(now - (start ?? now)) < seconds * 1e9
        connection.closeNow()
        guard let start, now > start else { throw SystemFailure("no octets", number: ENODATA) }
        return Double(total) * 8 / (Double(now - start) / 1e9)
    }
}
