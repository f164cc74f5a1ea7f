import Glibc

/// Flows that are made, have been used once, and then stay as they are until the process ends.
package struct IdleFlows {
    private let kind: IPSocket.Kind
    private let server: Endpoint
    private var poller: Poller
    private var waiting: Set<Int32> = []
    private var established = 0
    private var refused = 0

    package init(_ kind: IPSocket.Kind, to server: Endpoint) throws(SystemFailure) {
        self.kind = kind
        self.server = server
        poller = try Poller()
    }

    /// Makes `count` flows, at most 128 at a time, and gives up after so many seconds.
    ///
    /// - Returns: how many were answered.
    package mutating func open(_ count: Int, seconds: Double) throws(SystemFailure) -> Int {
        let deadline = monotonicNanoseconds() + Int(seconds * 1e9)
        var opened = 0
        while established + refused < count, monotonicNanoseconds() < deadline {
            while opened < count, waiting.count < 128 {
                try openOne()
                opened += 1
            }
            let ready = poller.wait(250)
            for member in ready { advance(IPSocket(descriptor: member)) }
            if ready.isEmpty, kind == .udp { askAgain() }
        }
        return established
    }

    private mutating func openOne() throws(SystemFailure) {
        let socket = try IPSocket(kind, isBlocking: false)
        try socket.connect(to: server)
        // A connection is ready to write when it is made; a datagram goes at once.
        if kind == .udp { _ = socket.send([1], count: 1) }
        poller.watch(socket.descriptor, forWriting: kind == .tcp)
        waiting.insert(socket.descriptor)
    }

    private mutating func advance(_ socket: IPSocket) {
        guard waiting.contains(socket.descriptor) else { return }
        if kind == .tcp {
            poller.change(socket.descriptor, forWriting: false)
            finish(socket, isEstablished: socket.send([1], count: 1) == 1)
        } else {
            var octet: [UInt8] = [0]
            finish(socket, isEstablished: socket.receive(into: &octet) == 1)
        }
    }

    /// A datagram that was lost on the way is sent again.
    private func askAgain() {
        for descriptor in waiting { _ = IPSocket(descriptor: descriptor).send([1], count: 1) }
    }

    private mutating func finish(_ socket: IPSocket, isEstablished: Bool) {
        waiting.remove(socket.descriptor)
        if isEstablished {
            established += 1
        } else {
            refused += 1
            socket.closeNow()
        }
    }
}
