import Glibc

/// Clients of an echo server, many at a time.
struct StreamClients {
    private static let message: [UInt8] = Array("to the guest and back\n".utf8)

    let server: Endpoint

    /// Connects `count` clients, and only then lets them speak. Returns how many were not served to the end.
    func run(_ count: Int) -> Int {
        let clients = (0..<count).map { _ in connected() }
        defer { for client in clients where client >= 0 { close(client) } }
        for client in clients where client >= 0 {
            // Safety: the array lives for the call.
            unsafe _ = send(client, Self.message, Self.message.count, Int32(MSG_NOSIGNAL))
            shutdown(client, Int32(SHUT_WR))
        }
        return clients.count { $0 < 0 || Self.answer($0) != Self.message }
    }

    private func connected() -> Int32 {
        let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var patience = timeval(tv_sec: 20, tv_usec: 0)
        var server = server
        // Safety: an option of the size of the structure; the address is lent for the call.
        unsafe setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        guard unsafe server.withAddress({ unsafe connect(client, $0, $1) }) == 0 else {
            close(client)
            return -1
        }
        return client
    }

    /// Everything that comes until the server has said all.
    private static func answer(_ client: Int32) -> [UInt8]? {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 256)
        while true {
            // Safety: at most the array's length is read into it.
            let count = unsafe read(client, &piece, piece.count)
            guard count > 0 else { return count == 0 ? bytes : nil }
            bytes += piece[..<count]
        }
    }
}
