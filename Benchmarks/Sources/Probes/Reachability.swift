import Glibc

/// Asks an echo server over UDP, every millisecond, until it answers.
///
/// - Returns: when the answer came (CLOCK_MONOTONIC, nanoseconds), or nil after so many seconds.
package func firstAnswer(from server: Endpoint, within seconds: Double) throws(SystemFailure) -> Int? {
    let socket = try IPSocket(.udp)
    socket.limitWaiting(to: 1)
    let deadline = monotonicNanoseconds() + Int(seconds * 1e9)
    var octet: [UInt8] = [1]
    while monotonicNanoseconds() < deadline {
        // Without a route yet, the first of these fails at once.
        guard (try? socket.connect(to: server)) != nil, socket.send(octet, count: 1) == 1 else {
            usleep(1000)
            continue
        }
        if socket.receive(into: &octet) == 1 { return monotonicNanoseconds() }
    }
    return nil
}
