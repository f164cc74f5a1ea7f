import Glibc

/// Sends back whatever comes, over TCP and UDP on one port, for any number of flows. One thread.
package struct EchoServer {
    private var poller: Poller
    private let listener: IPSocket
    private let datagrams: IPSocket
    private var octets = [UInt8](repeating: 0, count: 65_536)

    package init(port: UInt16) throws(SystemFailure) {
        poller = try Poller()
        listener = try IPSocket(.tcp, isBlocking: false)
        datagrams = try IPSocket(.udp, isBlocking: false)
        try listener.bind(to: .any(port: port))
        try listener.listen()
        try datagrams.bind(to: .any(port: port))
        datagrams.set(SOL_SOCKET, SO_RCVBUF, 8 << 20)
        poller.watch(listener.descriptor)
        poller.watch(datagrams.descriptor)
    }

    package mutating func serveForever() -> Never {
        while true {
            for member in poller.wait(-1) {
                switch member {
                case listener.descriptor: acceptAll()
                case datagrams.descriptor: answerDatagrams()
                default: answer(IPSocket(descriptor: member))
                }
            }
        }
    }

    private mutating func acceptAll() {
        while let connection = listener.accept(isBlocking: false) { poller.watch(connection.descriptor) }
    }

    private mutating func answer(_ connection: IPSocket) {
        let count = connection.receive(into: &octets)
        guard count > 0, connection.send(octets, count: count) == count else {
            if count < 0, errno == EAGAIN { return }
            return connection.closeNow()
        }
    }

    private mutating func answerDatagrams() {
        var sender = sockaddr_storage()
        for _ in 0..<64 {
            var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
            // Safety: the kernel writes at most the array's octets and one address, and reads them back from there.
            let isDone = unsafe withUnsafeMutablePointer(to: &sender) { storage in
                unsafe storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                    let count = unsafe recvfrom(datagrams.descriptor, &octets, octets.count, 0, address, &length)
                    guard count >= 0 else { return true }
                    _ = unsafe sendto(datagrams.descriptor, octets, count, 0, address, length)
                    return false
                }
            }
            if isDone { return }
        }
    }
}
