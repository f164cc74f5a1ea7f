import Glibc

/// Datagrams of 1400 bytes as fast as they go, in one direction, each with the flow that it belongs to and its number. The
/// lean ends of a measurement: 32 datagrams a system call, and next to nothing else.
package struct DatagramStream {
    /// How long nothing more must come until the flow has ended, and how long its beginning is waited for.
    private static let (endMilliseconds, patienceMilliseconds) = (200, 3000)
    /// Room for what comes while the receiver sleeps; the kernel grants what net.core.rmem_max allows.
    private static let bufferByteCount: Int32 = 4 << 20

    /// What arrived.
    package struct Arrival: Sendable {
        package let tally: DatagramTally
        /// Datagrams a second, from the first to the last.
        package let rate: Double
    }

    private let socket: IPSocket
    private let flow: UInt64
    /// Whether everybody's datagrams come in here.
    private let isServer: Bool

    /// A server at that port of any address.
    package init(port: UInt16, flow: UInt64) throws(SystemFailure) {
        socket = try IPSocket(.udp)
        socket.set(SOL_SOCKET, SO_RCVBUF, Self.bufferByteCount)
        try socket.bind(to: .any(port: port))
        (self.flow, isServer) = (flow, true)
    }

    /// A client of one.
    package init(to server: Endpoint, flow: UInt64) throws(SystemFailure) {
        socket = try IPSocket(.udp)
        socket.set(SOL_SOCKET, SO_RCVBUF, Self.bufferByteCount)
        try socket.connect(to: server)
        (self.flow, isServer) = (flow, false)
    }

    /// Asks the server for its datagrams.
    package func ask() throws(SystemFailure) {
        guard socket.send([1], count: 1) == 1 else { throw SystemFailure("send") }
    }

    /// Waits for a client to ask, who is the only peer from then on.
    package func waitForClient() throws(SystemFailure) {
        socket.limitWaiting(to: Self.patienceMilliseconds)
        var client = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        // Safety: the kernel writes one octet and an address, and reads the address again.
        let isConnected = unsafe withUnsafeMutablePointer(to: &client) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                var octet: UInt8 = 0
                guard unsafe recvfrom(socket.descriptor, &octet, 1, 0, address, &length) >= 0 else { return false }
                return unsafe connect(socket.descriptor, address, length) == 0
            }
        }
        guard isConnected else { throw SystemFailure("no client") }
    }

    /// Sends for that long.
    ///
    /// - Returns: how many datagrams.
    package func send(seconds: Double) throws(SystemFailure) -> Int {
        var batch = DatagramBatch()
        var sent = 0
        let deadline = monotonicNanoseconds() + Int(seconds * 1e9)
        while monotonicNanoseconds() < deadline {
            let count = batch.send(on: socket, flow: flow, from: UInt64(sent))
            // A port that nobody listens at any more is told once, and no room is none for now.
            guard count > 0 || errno == ECONNREFUSED || errno == ENOBUFS || errno == EAGAIN else {
                throw SystemFailure("send")
            }
            sent += max(count, 0)
        }
        return sent
    }

    /// Receives until nothing more comes.
    package func receive() throws(SystemFailure) -> Arrival {
        var batch = DatagramBatch(byteCount: 2048, keepsSenders: isServer)
        var tally = DatagramTally(of: flow)
        var peer: UInt64?
        var (first, last) = (0, 0)
        socket.limitWaiting(to: Self.patienceMilliseconds)
        while true {
            let count = batch.receive(on: socket)
            guard count > 0 else { break }
            last = monotonicNanoseconds()
            if first == 0 {
                first = last
                socket.limitWaiting(to: Self.endMilliseconds)
            }
            for index in 0..<count {
                let sender = isServer ? batch.sender(index) : 0
                if peer == nil { peer = sender }
                // One without a label is of no flow.
                let label = batch.label(index) ?? (~flow, 0)
                tally.count(label.number, of: label.flow, isFromPeer: sender == peer)
            }
        }
        guard last > first else { throw SystemFailure("no datagrams", number: ENODATA) }
        return Arrival(tally: tally, rate: Double(tally.received) / (Double(last - first) / 1e9))
    }
}
