import Glibc

/// Opens connections to an echo server as fast as they come about: a number of them at any time, each closed when one
/// octet has been there and back.
package struct ConnectionClient {
    private let server: Endpoint
    private let concurrency: Int
    private var poller: Poller
    /// Which of the open connections have sent their octet.
    private var hasAsked: [Int32: Bool] = [:]
    private var completed = 0
    private var failed = 0

    package init(to server: Endpoint, concurrency: Int) throws(SystemFailure) {
        self.server = server
        self.concurrency = concurrency
        poller = try Poller()
    }

    /// - Returns: completed exchanges and failed ones, a second.
    package mutating func measure(seconds: Double) throws(SystemFailure) -> (completed: Double, failed: Double) {
        let start = monotonicNanoseconds()
        let deadline = start + Int(seconds * 1e9)
        var now = start
        while now < deadline {
            while hasAsked.count < concurrency { try open() }
            for member in poller.wait(max(1, (deadline - now) / 1_000_000)) { advance(IPSocket(descriptor: member)) }
            now = monotonicNanoseconds()
        }
        let elapsed = Double(now - start) / 1e9
        return (Double(completed) / elapsed, Double(failed) / elapsed)
    }

    private mutating func open() throws(SystemFailure) {
        let socket = try IPSocket(.tcp, isBlocking: false)
        try socket.connect(to: server)
        poller.watch(socket.descriptor, forWriting: true)
        hasAsked[socket.descriptor] = false
    }

    private mutating func advance(_ socket: IPSocket) {
        var octet: [UInt8] = [1]
        if hasAsked[socket.descriptor] == false {
            guard socket.send(octet, count: 1) == 1 else { return finish(socket, hasFailed: true) }
            hasAsked[socket.descriptor] = true
            poller.change(socket.descriptor, forWriting: false)
        } else {
            finish(socket, hasFailed: socket.receive(into: &octet) != 1)
        }
    }

    private mutating func finish(_ socket: IPSocket, hasFailed: Bool) {
        if hasFailed { failed += 1 } else { completed += 1 }
        hasAsked[socket.descriptor] = nil
        socket.closeNow()
    }
}
