import Glibc

/// How frames travel over a Unix socket, as in the command line's `--listen KIND:PATH`.
package enum SocketKind: String, Sendable, CaseIterable {
    /// A byte stream; before each frame its length, four octets, big-endian (QEMU's `-netdev stream`).
    case stream
    /// One datagram per frame (QEMU's `-netdev dgram`, vfkit).
    case dgram
    /// One sequenced packet per frame (User Mode Linux's `bess`, slirp4netns).
    case bess

    package var type: Int32 {
        switch self {
        case .stream: Int32(SOCK_STREAM.rawValue)
        case .dgram: Int32(SOCK_DGRAM.rawValue)
        case .bess: Int32(SOCK_SEQPACKET.rawValue)
        }
    }
}

/// What the operating system answered.
package struct SystemError: Error, CustomStringConvertible {
    package let operation: String
    package let number: Int32

    package init(_ operation: String, number: Int32 = errno) {
        self.operation = operation
        self.number = number
    }

    package var description: String {
        // Safety: strerror returns a NUL-terminated string that String copies at once.
        unsafe "\(operation): \(String(cString: strerror(number)))"
    }
}

/// A connected Unix socket, seen from the guest's side; closed when released. All calls block.
package final class UnixSocket: Sendable {
    package let descriptor: Int32
    package let kind: SocketKind
    private let ownPath: String?

    /// Connects to `path`. A datagram socket is first bound to `path` with a suffix of its own, for the way back.
    package init(connectingTo path: String, _ kind: SocketKind) throws(SystemError) {
        let socketDescriptor = socket(AF_UNIX, kind.type | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard socketDescriptor >= 0 else { throw SystemError("socket") }
        descriptor = socketDescriptor
        self.kind = kind
        ownPath = kind == .dgram ? "\(path).\(getpid()).\(socketDescriptor)" : nil
        if let ownPath {
            try unsafe withSocketAddress(ownPath) { address, length throws(SystemError) in
                // Safety: the address is lent by `withSocketAddress` for this call.
                guard unsafe bind(socketDescriptor, address, length) == 0 else { throw SystemError("bind \(ownPath)") }
            }
        }
        try unsafe withSocketAddress(path) { address, length throws(SystemError) in
            // Safety: as above.
            guard unsafe connect(socketDescriptor, address, length) == 0 else { throw SystemError("connect \(path)") }
        }
    }

    /// One end of a new pair; `peer` gets the other, and has to close it.
    package init(pairedWith peer: inout Int32, _ kind: SocketKind) throws(SystemError) {
        var ends: [Int32] = [-1, -1]
        // Safety: the array has room for the two descriptors.
        guard unsafe socketpair(AF_UNIX, kind.type | Int32(SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw SystemError("socketpair")
        }
        descriptor = ends[0]
        self.kind = kind
        ownPath = nil
        peer = ends[1]
    }

    deinit {
        close(descriptor)
        // Safety: the path lives for the call.
        if let ownPath { _ = unsafe unlink(ownPath) }
    }

    /// Sends `bytes` just as they are: one packet, or that much of the stream.
    package func send(_ bytes: [UInt8]) throws(SystemError) {
        var sent = 0
        repeat {
            // Safety: `send` reads `bytes.count - sent` octets from `sent` on, all inside the array.
            let count = unsafe bytes.withUnsafeBytes { octets in
                unsafe Glibc.send(
                    descriptor, octets.baseAddress.map { unsafe $0 + sent }, bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw SystemError("send") }
            sent += count
        } while sent < bytes.count
    }

    /// Sends one frame in the framing of this kind of socket.
    package func send(frame: [UInt8]) throws(SystemError) {
        guard kind == .stream else { return try send(frame) }
        let length = UInt32(frame.count)
        try send([24, 16, 8, 0].map { UInt8(truncatingIfNeeded: length >> $0) } + frame)
    }

    /// Reads at most `count` octets, or one packet; none when the other side has closed.
    package func receive(upTo count: Int) throws(SystemError) -> [UInt8] {
        var failure: SystemError?
        // Safety: `recv` writes at most `count` octets, the buffer's capacity, and says how many.
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initializedCount in
            var result: Int
            repeat { result = unsafe recv(descriptor, buffer.baseAddress, count, 0) } while result < 0 && errno == EINTR
            if result < 0 { failure = SystemError("recv") }
            initializedCount = max(result, 0)
        }
        if let failure { throw failure }
        return bytes
    }

    /// Waits at most `milliseconds` for something to read, be it the end.
    package func isReadable(within milliseconds: Int32) -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        // Safety: one entry, which lives for the call.
        return unsafe poll(&entry, 1, milliseconds) > 0
    }
}

private func withSocketAddress(
    _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) throws(SystemError) -> Void
) throws(SystemError) {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    let capacity = MemoryLayout.size(ofValue: address.sun_path)
    guard bytes.count < capacity else {
        throw SystemError("path \(path)", number: ENAMETOOLONG)
    }
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
    let length = socklen_t(MemoryLayout<sockaddr_un>.size)
    // Safety: every socket address begins with sockaddr's fields, and `length` is the whole one's.
    let failure = unsafe withUnsafePointer(to: &address) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic -> SystemError? in
            do throws(SystemError) {
                try unsafe body(generic, length)
                return nil
            } catch {
                return error
            }
        }
    }
    if let failure { throw failure }
}
