import Glibc
import SystemPackage

/// A Unix socket with a path that this process owns, from the moment it is bound until it is released.
///
/// At most one process has a path: this user's processes decide and bind one after the other in each directory, and
/// another user's socket is not ours to remove. What is at the path is removed only if it is a socket and nobody listens
/// there any more; the path goes with its owner, unless something else has taken it meanwhile. The socket's permissions
/// are 0600 from the start.
///
/// Or the service manager has bound it, and keeps it when this process has ended.
package struct BoundSocket: ~Copyable, Sendable {
    private var socket: Descriptor
    package let path: String
    package let kind: SocketKind
    /// Whether the service manager has bound it, to whom the path belongs: nothing here removes or replaces that.
    package let isPassed: Bool
    private var identity: FileIdentity?

    /// Binds `path`, and listens there unless the kind is `.datagram`.
    ///
    /// Throws EADDRINUSE when someone else listens at the path, EEXIST when it is not a socket, and ENAMETOOLONG for
    /// more than 107 bytes, each with what to do about it.
    package init(_ kind: SocketKind, path: String) throws(SystemError) {
        let address = try UnixAddress(path: path, for: "bind")
        let lock = try Self.waitForLock(toBind: path)
        try Self.removeStale(kind, path: path, address: address)
        socket = try Self.bind(kind, path: path, address: address)
        identity = FileIdentity(path)
        self.path = path
        self.kind = kind
        isPassed = false
        withExtendedLifetime(lock) {}
    }

    /// Binds an abstract name (unix(7)), which goes with the socket, and listens there. Any process of this network
    /// namespace may connect to it.
    package init(abstractName: String) throws(SystemError) {
        let address = try UnixAddress(abstractName: abstractName, for: "bind")
        socket = try Self.bind(.seqpacket, path: address.description, address: address)
        path = address.description
        kind = .seqpacket
        isPassed = false
        identity = nil
    }

    /// Lets the members of a group connect, too. They have to be able to enter the directories above the path.
    package borrowing func admit(group: UInt32) throws(SystemError) {
        let path = path
        // Safety: the string lives for the calls. Symbolic links are not followed: the path is that of a socket.
        try SystemCall.run("give the socket \(path) to the group \(group)") {
            unsafe lchown(path, uid_t.max, group)
        }
        try SystemCall.run("set the permissions of the socket \(path)") { unsafe chmod(path, 0o660) }
    }

    /// Takes over a Unix socket that the service manager has bound, and listens at unless it is one of datagrams.
    ///
    /// Throws EINVAL for what guests cannot come to.
    package init(passed descriptor: consuming Descriptor, name: String) throws(SystemError) {
        let raw = descriptor.raw
        guard let address = Socket.ownAddress(of: raw), let kind = try Socket.kind(of: raw),
            kind == .datagram ? true : try Socket.isListening(raw)
        else {
            throw SystemError(
                "listen at the passed descriptor \(raw), '\(name)'", .invalidArgument,
                remedy:
                    "it has to be a Unix socket: ListenStream=, ListenSequentialPacket= or ListenDatagram= of a path")
        }
        try descriptor.setNonBlocking()
        socket = descriptor
        path = address.description
        self.kind = kind
        isPassed = true
        identity = nil
    }

    deinit {
        guard let identity, FileIdentity(path) == identity else { return }
        // Safety: the string lives for the call. The socket is still open, so that nobody takes it for stale before.
        _ = unsafe unlink(path)
    }

    /// For waiting, accepting, sending and receiving; never closed by the caller.
    package var descriptor: Int32 { socket.raw }

    /// Binds a new socket to the path in the place of this one, which is returned, open and with what it has received.
    ///
    /// Whoever is connected to the old socket stays so; who comes later meets the new one. Does not block: throws EAGAIN
    /// while another process binds a path there, and EEXIST when something else has taken the path.
    package mutating func renew() throws(SystemError) -> Descriptor {
        precondition(!isPassed)
        guard let lock = try Self.lock(for: path) else {
            throw SystemError("bind the socket \(path) again", .wouldBlock)
        }
        if let present = FileIdentity(path), present != identity {
            throw SystemError("bind the socket \(path) again", .fileExists)
        }
        var other = try Self.rebind(kind, path: path)
        identity = FileIdentity(path)
        swap(&socket, &other)
        withExtendedLifetime(lock) {}
        return other
    }

    /// Binds beside the path and moves the name over, so that there is no moment at which nobody is found there. A path
    /// with no room for a longer one beside it is given up for that moment.
    private static func rebind(_ kind: SocketKind, path: String) throws(SystemError) -> Descriptor {
        let beside = "\(path)~"
        guard let address = try? UnixAddress(path: beside, for: "bind") else {
            // Safety: the string lives for the call.
            try SystemCall.run("remove the socket \(path)") { unsafe unlink(path) }
            return try bind(kind, path: path, address: UnixAddress(path: path, for: "bind"))
        }
        // Safety: the strings live for the calls. What stands there is from a process that was killed at this point.
        _ = unsafe unlink(beside)
        let socket = try bind(kind, path: beside, address: address)
        try SystemCall.run("rename the socket \(beside)") { unsafe rename(beside, path) }
        return socket
    }

    /// Of this user's processes one at a time binds paths in a directory. The lock lies where no other user can keep it.
    private static func lock(for path: String) throws(SystemError) -> FileLock? {
        guard let place = FileIdentity(parent(of: path) + "/.") else {
            throw SystemError(
                "bind the socket \(path)", .noSuchFileOrDirectory, remedy: remedy(for: .noSuchFileOrDirectory))
        }
        let directory = Directory.runtime(Environment.value)
        try Directory.createPrivate(directory)
        return try FileLock.acquire("\(directory)/bind-\(place.device)-\(place.inode).lock")
    }

    /// Whoever has the lock keeps it for a few system calls only, unless it has been stopped in the middle of them.
    private static func waitForLock(toBind path: String) throws(SystemError) -> FileLock {
        for _ in 0..<200 {
            if let lock = try lock(for: path) { return lock }
            usleep(10_000)
        }
        throw SystemError(
            "bind the socket \(path)", .wouldBlock, remedy: "another process of yours is binding one there; end it")
    }

    private static func removeStale(
        _ kind: SocketKind, path: String, address: UnixAddress
    ) throws(SystemError) {
        guard let type = FileIdentity.type(of: path) else { return }
        guard type == S_IFSOCK else {
            throw SystemError(
                "bind the socket \(path)", .fileExists, remedy: "it is not a socket; choose another path, or remove it")
        }
        let probe = try Socket.unix(kind)
        // A listener of another kind, with a full backlog, or with a peer of its own is a listener all the same.
        guard case .failure(.connectionRefused) = SystemCall.result({ Socket.connect(probe.raw, to: address) }) else {
            throw SystemError(
                "bind the socket \(path)", .addressInUse,
                remedy: "another program listens there; stop it, or choose another path")
        }
        // Safety: the string lives for the call.
        try SystemCall.run("remove the stale socket \(path)") { unsafe unlink(path) }
    }

    private static func remedy(for error: Errno) -> String? {
        switch error {
        case .noSuchFileOrDirectory, .notDirectory: "make the directory first, or choose another path"
        case .permissionDenied, .readOnlyFileSystem: "choose a directory that you may write to"
        default: nil
        }
    }

    private static func bind(
        _ kind: SocketKind, path: String, address: UnixAddress
    ) throws(SystemError) -> Descriptor {
        let socket = try Socket.unix(kind)
        let raw = socket.raw
        // The path gets the mode that the socket has when it is bound (unix(7)), so that there is no moment at which
        // others may connect.
        try SystemCall.run("set the permissions of the socket \(path)") { fchmod(raw, 0o600) }
        switch SystemCall.result({ Socket.bind(raw, to: address) }) {
        case .success: break
        case .failure(let error): throw SystemError("bind the socket \(path)", error, remedy: remedy(for: error))
        }
        if kind != .datagram { try SystemCall.run("listen at the socket \(path)") { listen(raw, SOMAXCONN) } }
        return socket
    }

    private static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}

/// Which file a path names.
struct FileIdentity: Equatable, Sendable {
    let device: UInt
    let inode: UInt

    /// nil when nothing is there. Symbolic links are not followed.
    init?(_ path: String) {
        guard let status = Self.status(path) else { return nil }
        self.init(status)
    }

    init(_ status: stat) {
        device = status.st_dev
        inode = status.st_ino
    }

    /// S_IFSOCK and the like; nil when nothing is there.
    static func type(of path: String) -> mode_t? {
        status(path).map { $0.st_mode & S_IFMT }
    }

    private static func status(_ path: String) -> stat? {
        var status = stat()
        // Safety: the string lives for the call, and the kernel fills one structure.
        return unsafe lstat(path, &status) == 0 ? status : nil
    }
}
