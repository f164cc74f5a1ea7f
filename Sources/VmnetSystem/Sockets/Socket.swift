import CVmnetLinux
import Glibc
package import SystemPackage

/// Unix sockets as owned descriptors, all of them non-blocking and closed on exec unless a call says otherwise.
package enum Socket {
    /// A socket without a name. The corresponding C call is `socket`.
    package static func unix(_ kind: SocketKind) throws(SystemError) -> Descriptor {
        Descriptor(
            owning: try SystemCall.run("create a socket") {
                Glibc.socket(AF_UNIX, kind.rawValue | flags(isBlocking: false), 0)
            })
    }

    /// Two sockets connected to each other. The corresponding C call is `socketpair`.
    package static func pair(_ kind: SocketKind) throws(SystemError) -> SocketPair {
        var ends: [Int32] = [-1, -1]
        try SystemCall.run("create a socket pair") {
            // Safety: the kernel writes two numbers into an array of two.
            unsafe socketpair(AF_UNIX, kind.rawValue | flags(isBlocking: false), 0, &ends)
        }
        return SocketPair(first: Descriptor(owning: ends[0]), second: Descriptor(owning: ends[1]))
    }

    /// A socket connected to the one bound at `path`.
    ///
    /// - Parameter ownPath: where a datagram client binds itself first, so that it can be answered. A datagram
    ///   socket without it has no name. The caller removes the path.
    package static func connect(
        _ kind: SocketKind, to path: String, boundTo ownPath: String? = nil
    ) throws(SystemError) -> Descriptor {
        try connect(kind, to: UnixAddress(path: path, for: "connect to"), boundTo: ownPath)
    }

    /// The same for an address that may be abstract.
    package static func connect(
        _ kind: SocketKind, to address: UnixAddress, boundTo ownPath: String? = nil
    ) throws(SystemError) -> Descriptor {
        let socket = try unix(kind)
        if let ownPath {
            let own = try UnixAddress(path: ownPath, for: "bind")
            try SystemCall.run("bind the socket \(ownPath)") { bind(socket.raw, to: own) }
        }
        try SystemCall.run("connect to the socket \(address)") { connect(socket.raw, to: address) }
        return socket
    }

    /// Connects a datagram socket to an address, or to nobody. Throws what the kernel says.
    package static func setPeer(_ raw: Int32, _ address: UnixAddress?) throws(Errno) {
        let result = SystemCall.result { () -> Int32 in
            if let address { return connect(raw, to: address) }
            var nobody = sockaddr(sa_family: sa_family_t(AF_UNSPEC), sa_data: sockaddr().sa_data)
            // Safety: the kernel reads the family only.
            return unsafe Glibc.connect(raw, &nobody, socklen_t(MemoryLayout<sockaddr>.size))
        }
        if case .failure(let error) = result { throw error }
    }

    /// The next connection that waits at a listening socket; nil when none does. The corresponding call is `accept4`.
    package static func accept(_ raw: Int32) throws(SystemError) -> Descriptor? {
        while true {
            switch SystemCall.result({ ovn_accept4(raw, flags(isBlocking: false)) }) {
            case .success(let connection): return Descriptor(owning: connection)
            case .failure(.wouldBlock): return nil
            // The client has given up already: take the next.
            case .failure(.connectionAbort): continue
            case .failure(let error): throw SystemError("accept a connection", error)
            }
        }
    }

    /// Sends bytes over a connection, or as many as there is room for; never raises SIGPIPE.
    package static func send(_ raw: Int32, _ bytes: Span<UInt8>) -> Transfer {
        // Safety: the kernel only reads, within the bytes, during the call.
        unsafe bytes.withUnsafeBytes { bytes in
            Transfer(
                SystemCall.result {
                    unsafe Glibc.send(
                        raw, bytes.baseAddress, bytes.count, Int32(MSG_DONTWAIT | MSG_NOSIGNAL))
                })
        }
    }

    static func bind(_ raw: Int32, to address: UnixAddress) -> Int32 {
        // Safety: the address lives for the call.
        unsafe address.withSocketAddress { unsafe Glibc.bind(raw, $0, $1) }
    }

    static func connect(_ raw: Int32, to address: UnixAddress) -> Int32 {
        // Safety: the address lives for the call.
        unsafe address.withSocketAddress { unsafe Glibc.connect(raw, $0, $1) }
    }

    private static func flags(isBlocking: Bool) -> Int32 {
        Int32(SOCK_CLOEXEC.rawValue) | (isBlocking ? 0 : Int32(SOCK_NONBLOCK.rawValue))
    }
}

/// Two connected sockets.
@frozen package struct SocketPair: ~Copyable, Sendable {
    package var first: Descriptor
    package var second: Descriptor
}
