import Glibc

/// A UDP socket; the process's end closes it.
struct DatagramSocket {
    private let descriptor: Int32
    private let own: Endpoint

    /// - Parameter own: its address; the kernel's choice unless given.
    init(at own: Endpoint? = nil) throws(Failure) {
        descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        guard descriptor >= 0 else { throw Failure(errno: "socket") }
        self.own = own ?? Endpoint()
        guard var own else { return }
        // Safety: the address is lent for the call.
        guard unsafe own.withAddress({ unsafe bind(descriptor, $0, $1) }) == 0 else {
            throw Failure(errno: "bind to \(own)")
        }
    }

    func send(_ bytes: [UInt8], to peer: Endpoint) throws(Failure) {
        var peer = peer
        // Safety: the array and the address live for the call.
        let count = unsafe peer.withAddress { unsafe sendto(descriptor, bytes, bytes.count, 0, $0, $1) }
        guard count == bytes.count else { throw Failure(errno: "send to \(peer)") }
    }

    /// The next datagram and its sender; nil when none comes within that many milliseconds.
    func receive(within limit: Int32) throws(Failure) -> (bytes: [UInt8], peer: Endpoint)? {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        // Safety: one entry, which lives for the call.
        guard unsafe poll(&entry, 1, limit) > 0 else { return nil }
        var bytes = [UInt8](repeating: 0, count: 65_535)
        var peer = Endpoint()
        // Safety: at most the array's length is written to it, and at most the length given to the address.
        let count = unsafe peer.withAddress { address, length in
            var length = length
            return unsafe recvfrom(descriptor, &bytes, bytes.count, 0, address, &length)
        }
        guard count >= 0 else { throw Failure(errno: "receive") }
        return (Array(bytes[..<count]), peer)
    }

    /// Answers what comes to any of `servers`, for ever.
    static func answer(_ servers: [DatagramSocket]) throws(Failure) -> Never {
        var entries = servers.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
        while true {
            // Safety: as many entries as said, which live for the call.
            _ = unsafe poll(&entries, nfds_t(entries.count), -1)
            for server in servers {
                guard let (bytes, peer) = try server.receive(within: 0) else { continue }
                let name = [UInt8(server.own.port >> 8), UInt8(server.own.port & 255)]
                try server.send(name + bytes.dropFirst(2), to: peer)
            }
        }
    }
}
