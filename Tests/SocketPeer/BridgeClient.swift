import Glibc

/// Asks openvmnet-bridge-helper for a packet socket, and says what came of it.
///
/// The helper finds at descriptor 7 one end of a pair that carries records, at 8 of one that carries streams, and at 9 a
/// socket that is no pair's.
struct BridgeClient {
    let program: String
    let arguments: [String]
    /// Whether the helper is started without its standard streams.
    let withoutStreams: Bool

    /// `exit 1: status 1, errno 0, /etc/openvmnet/bridge.conf does not allow it to you`; with a socket
    /// `exit 0: eth0, then lo: Invalid argument`, which says what it is bound to, and what comes of binding it elsewhere.
    func report() throws(Failure) -> String {
        let records = try Self.pair(SOCK_SEQPACKET)
        let streams = try Self.pair(SOCK_STREAM)
        let lone = socket(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue), 0)
        let process = try start(placing: [(records.theirs, 7), (streams.theirs, 8), (lone, 9)])
        close(records.theirs)
        let reply = Self.receive(from: records.ours)
        var status: Int32 = 0
        // Safety: one number, which lives for the call.
        guard unsafe waitpid(process, &status, 0) == process else { throw Failure(errno: "wait") }
        let end = status & 0x7f == 0 ? "exit \(status >> 8)" : "signal \(status & 0x7f)"
        guard reply.bytes.count >= 2 else { return "\(end): no reply" }
        guard let descriptor = reply.descriptor else {
            let text = String(decoding: reply.bytes.dropFirst(2), as: UTF8.self)
            return "\(end): status \(reply.bytes[0]), errno \(reply.bytes[1]), \(text)"
        }
        return
            "\(end): \(PacketAddress(of: descriptor).interface), then lo: \(PacketAddress.bind(descriptor, to: "lo"))"
    }

    private func start(placing descriptors: [(source: Int32, number: Int32)]) throws(Failure) -> pid_t {
        // Safety: initialised here and destroyed at the end; the strings, whose vector ends with nil, live for the call.
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        // Out of the way of the numbers first.
        let moved = descriptors.map { fcntl($0.source, F_DUPFD_CLOEXEC, 20) }
        defer { for descriptor in moved { close(descriptor) } }
        for (source, placed) in zip(moved, descriptors) {
            unsafe posix_spawn_file_actions_adddup2(&actions, source, placed.number)
        }
        for number: Int32 in 0...2 where withoutStreams { unsafe posix_spawn_file_actions_addclose(&actions, number) }
        let vector = unsafe ([program] + arguments).map { unsafe strdup($0) } + [nil]
        defer { unsafe vector.forEach { unsafe free($0) } }
        var process: pid_t = 0
        let error = unsafe posix_spawn(&process, program, &actions, nil, vector, environ)
        guard error == 0 else { throw Failure("start \(program): error \(error)") }
        return process
    }

    private static func pair(_ type: __socket_type) throws(Failure) -> (ours: Int32, theirs: Int32) {
        var ends: [Int32] = [-1, -1]
        // Safety: the array has room for the two descriptors.
        guard unsafe socketpair(AF_UNIX, Int32(type.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw Failure(errno: "socketpair")
        }
        return (ends[0], ends[1])
    }

    private static func receive(from socket: Int32) -> (bytes: [UInt8], descriptor: Int32?) {
        var bytes = [UInt8](repeating: 0, count: 512)
        // A `struct cmsghdr` of 16 bytes, a descriptor, and room for more than there should be.
        var control = [UInt64](repeating: 0, count: 8)
        var controlByteCount = 0
        // Safety: the pointers live for the call, and the header says how far each reaches.
        let count = unsafe bytes.withUnsafeMutableBytes { data in
            unsafe control.withUnsafeMutableBytes { control in
                var vector = unsafe iovec(iov_base: data.baseAddress, iov_len: data.count)
                return unsafe withUnsafeMutablePointer(to: &vector) { vector in
                    var header = unsafe msghdr(
                        msg_name: nil, msg_namelen: 0, msg_iov: vector, msg_iovlen: 1, msg_control: control.baseAddress,
                        msg_controllen: control.count, msg_flags: 0)
                    defer { unsafe controlByteCount = header.msg_controllen }
                    return unsafe recvmsg(socket, &header, 0)
                }
            }
        }
        let descriptor = controlByteCount >= 20 ? Int32(truncatingIfNeeded: control[2]) : nil
        return (Array(bytes.prefix(max(0, count))), descriptor)
    }
}

/// `struct sockaddr_ll` of packet(7), 20 bytes: the family, the protocol in network order, and the interface's number at 4.
private struct PacketAddress {
    private var words = [UInt32](repeating: 0, count: 5)

    /// What a packet socket is bound to.
    init(of descriptor: Int32) {
        var length: socklen_t = 20
        // Safety: the address begins as every socket address does, and the length is its own.
        _ = unsafe withAddress { unsafe getsockname(descriptor, $0, &length) }
    }

    /// All protocols of the interface.
    private init(index: UInt32) {
        words[0] = UInt32(AF_PACKET) | 0x0300 << 16
        words[1] = index
    }

    /// The interface's name.
    var interface: String {
        var name = [UInt8](repeating: 0, count: Int(IF_NAMESIZE))
        // Safety: the array has IF_NAMESIZE bytes, which is what the call writes at most.
        unsafe name.withUnsafeMutableBytes {
            _ = unsafe if_indextoname(words[1], $0.assumingMemoryBound(to: CChar.self).baseAddress)
        }
        return String(decoding: name.prefix { $0 != 0 }, as: UTF8.self)
    }

    /// What the kernel says to that.
    static func bind(_ descriptor: Int32, to interface: String) -> String {
        // Safety: the string lives for the call; the address as above.
        var address = unsafe PacketAddress(index: if_nametoindex(interface))
        guard unsafe address.withAddress({ unsafe Glibc.bind(descriptor, $0, 20) }) != 0 else { return "bound" }
        // Safety: strerror returns a NUL-terminated string that String copies at once.
        return unsafe String(cString: strerror(errno))
    }

    private mutating func withAddress<R>(_ body: (UnsafeMutablePointer<sockaddr>) -> R?) -> R? {
        // Safety: 20 bytes, which begin as `sockaddr` does.
        unsafe words.withUnsafeMutableBytes { bytes in
            unsafe bytes.assumingMemoryBound(to: sockaddr.self).baseAddress.flatMap { unsafe body($0) }
        }
    }
}
