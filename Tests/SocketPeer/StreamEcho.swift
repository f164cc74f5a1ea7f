import Glibc

/// A server that sends back what each of its clients sends, until the client has said all.
struct StreamEcho {
    private let listener: Int32

    init(at endpoint: Endpoint) throws(Failure) {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var endpoint = endpoint
        var isOn: Int32 = 1
        // Safety: an option of the size of an integer; the address is lent for the call.
        unsafe setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &isOn, socklen_t(MemoryLayout<Int32>.size))
        guard listener >= 0, unsafe endpoint.withAddress({ unsafe bind(listener, $0, $1) }) == 0,
            listen(listener, 1024) == 0
        else { throw Failure(errno: "listen at \(endpoint)") }
    }

    func serve() -> Never {
        var entries = [pollfd(fd: listener, events: Int16(POLLIN), revents: 0)]
        var piece = [UInt8](repeating: 0, count: 65_536)
        while true {
            // Safety: as many entries as said, which live for the call.
            _ = unsafe poll(&entries, nfds_t(entries.count), -1)
            for index in entries.indices.dropFirst().reversed() where entries[index].revents != 0 {
                if !Self.answer(entries[index].fd, &piece) {
                    close(entries[index].fd)
                    entries.remove(at: index)
                }
            }
            if entries[0].revents != 0 {
                entries.append(pollfd(fd: accept(listener, nil, nil), events: Int16(POLLIN), revents: 0))
            }
        }
    }

    /// Returns whether there may be more to come.
    private static func answer(_ client: Int32, _ piece: inout [UInt8]) -> Bool {
        // Safety: at most the array's length is read into it, and no more is sent.
        let count = unsafe read(client, &piece, piece.count)
        return unsafe count > 0 && send(client, piece, count, Int32(MSG_NOSIGNAL)) == count
    }
}
