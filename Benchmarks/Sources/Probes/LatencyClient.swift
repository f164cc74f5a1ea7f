import Glibc

/// One small question after another to an echo server, each one's time taken. Blocking sockets, TCP_NODELAY.
package struct LatencyClient {
    package enum Exchange: String, Sendable, CaseIterable {
        /// One octet each way on a connection that stays.
        case tcpRequest = "tcp-rr"
        /// A new connection, one octet each way, and its end.
        case tcpConnect = "tcp-crr"
        /// One datagram each way.
        case udpRequest = "udp-rr"
    }

    /// Microseconds, and how many exchanges there were.
    package struct Result: Sendable {
        package let median: Double
        package let percentile99: Double
        package let count: Int
    }

    private let exchange: Exchange
    private let server: Endpoint

    package init(_ exchange: Exchange, with server: Endpoint) {
        self.exchange = exchange
        self.server = server
    }

    /// Asks for that long. Datagrams that are lost count as the two seconds that were waited for them.
    package func measure(seconds: Double) throws(SystemFailure) -> Result {
        var times: [Int] = []
        times.reserveCapacity(200_000)
        let first = exchange == .tcpConnect ? nil : try connected()
        var octet: [UInt8] = [1]
        // The first exchange resolves addresses and makes the flow: that is not what is asked here.
        try ask(first, &octet)
        let deadline = monotonicNanoseconds() + Int(seconds * 1e9)
        var start = monotonicNanoseconds()
        while start < deadline {
            try ask(first, &octet)
            let end = monotonicNanoseconds()
            times.append(end - start)
            start = end
        }
        times.sort()
        return Result(
            median: Double(times[times.count / 2]) / 1000, percentile99: Double(times[times.count * 99 / 100]) / 1000,
            count: times.count)
    }

    private func connected() throws(SystemFailure) -> IPSocket {
        let socket = try IPSocket(exchange == .udpRequest ? .udp : .tcp)
        try socket.connect(to: server)
        return socket
    }

    private func ask(_ lasting: IPSocket?, _ octet: inout [UInt8]) throws(SystemFailure) {
        let socket = if let lasting { lasting } else { try connected() }
        guard socket.send(octet, count: 1) == 1 else { throw SystemFailure("send") }
        let count = socket.receive(into: &octet)
        guard count == 1 || exchange == .udpRequest && errno == EAGAIN else { throw SystemFailure("receive") }
        if lasting == nil { socket.closeNow() }
    }
}
