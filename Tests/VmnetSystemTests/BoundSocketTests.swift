import Glibc
import Synchronization
import SystemPackage
import Testing
import VmnetSystem
import VmnetTesting

@Suite struct BoundSocketTests {
    let directory = TemporaryDirectory()

    @Test(arguments: [SocketKind.stream, .datagram, .seqpacket])
    func `a bound path takes clients, is its owner's only, and goes with its owner`(kind: SocketKind) throws {
        let path = directory.file("net")
        do {
            let socket = try BoundSocket(kind, path: path)
            _ = try Socket.connect(kind, to: path)
            #expect(try mode(path) == S_IFSOCK | 0o600)
            #expect(directory.contents == ["net"])
            withExtendedLifetime(socket.descriptor) {}
        }
        #expect(directory.contents.isEmpty)
    }

    @Test func `a group is let in, and nobody else`() throws {
        let path = directory.file("net")
        let socket = try BoundSocket(.seqpacket, path: path)
        try socket.admit(group: getegid())
        #expect(try mode(path) == S_IFSOCK | 0o660)
        var status = stat()
        #expect(unsafe stat(path, &status) == 0 && status.st_gid == getegid() && status.st_uid == geteuid())
    }

    @Test func `an abstract name takes clients, who know each other's user, and leaves no file`() throws {
        let name = "openvmnet-test-\(getpid())-\(UInt64.random(in: 0 ... .max))"
        let address = try UnixAddress(abstractName: name, for: "connect to")
        do {
            let socket = try BoundSocket(abstractName: name)
            let client = try Socket.connect(.seqpacket, to: address)
            guard let connection = try Socket.accept(socket.descriptor) else {
                Issue.record("nobody has come")
                return
            }
            #expect(Socket.peerUser(of: connection.raw) == geteuid() && Socket.peerUser(of: client.raw) == geteuid())
        }
        #expect(throws: SystemError("connect to the socket @\(name)", .connectionRefused)) {
            _ = try Socket.connect(.seqpacket, to: address)
        }
    }

    @Test(
        arguments: [SocketKind.stream, .datagram, .seqpacket], [SocketKind.stream, .datagram, .seqpacket])
    func `a path where someone listens is refused`(first: SocketKind, second: SocketKind) throws {
        let path = directory.file("net")
        let socket = try BoundSocket(first, path: path)
        #expect(
            throws: SystemError(
                "bind the socket \(path)", .addressInUse,
                remedy: "another program listens there; stop it, or choose another path")
        ) {
            _ = try BoundSocket(second, path: path)
        }
        _ = try Socket.connect(first, to: path)
        withExtendedLifetime(socket.descriptor) {}
    }

    @Test func `a path whose listener has a full backlog or a peer is in use`() throws {
        let stream = try BoundSocket(.stream, path: directory.file("stream"))
        // Not accepted: the second may find no room.
        let waiting = try (0..<2).map { _ in try Socket.connect(.stream, to: stream.path).release() }
        #expect(throws: SystemError.self) { _ = try BoundSocket(.stream, path: stream.path) }
        for raw in waiting { close(raw) }

        let datagram = try BoundSocket(.datagram, path: directory.file("datagram"))
        let peer = try BoundSocket(.datagram, path: directory.file("peer"))
        try Socket.setPeer(datagram.descriptor, try UnixAddress(path: peer.path, for: "connect to"))
        #expect(throws: SystemError.self) { _ = try BoundSocket(.datagram, path: datagram.path) }
    }

    @Test(arguments: [SocketKind.stream, .datagram, .seqpacket])
    func `a stale socket is replaced`(kind: SocketKind) throws {
        let path = directory.file("net")
        try leaveStaleSocket(kind, at: path)
        #expect(directory.contents == ["net"])
        let socket = try BoundSocket(.stream, path: path)
        _ = try Socket.connect(.stream, to: path)
        withExtendedLifetime(socket.descriptor) {}
    }

    @Test func `what is not a socket is left alone`() throws {
        let path = directory.file("precious")
        try replace(path, with: Array("data".utf8))
        #expect(
            throws: SystemError(
                "bind the socket \(path)", .fileExists,
                remedy: "it is not a socket; choose another path, or remove it")
        ) {
            _ = try BoundSocket(.stream, path: path)
        }
        #expect(try File.read(path, maximumByteCount: 100) == Array("data".utf8))

        let link = directory.file("link")
        // Safety: the strings live for the call.
        #expect(unsafe symlink(path, link) == 0)
        #expect(throws: SystemError.self) { _ = try BoundSocket(.stream, path: link) }
        #expect(directory.contents.sorted() == ["link", "precious"])
    }

    @Test func `a path that another has taken meanwhile is not removed`() throws {
        let path = directory.file("net")
        do {
            let socket = try BoundSocket(.stream, path: path)
            // Safety: the string lives for the call.
            _ = unsafe unlink(path)
            try replace(path, with: [])
            withExtendedLifetime(socket.descriptor) {}
        }
        #expect(directory.contents == ["net"])
    }

    @Test func `of many that bind one path at once exactly one gets it`() async throws {
        for round in 0..<20 {
            let path = directory.file("net\(round)")
            if round % 2 == 0 { try leaveStaleSocket(.stream, at: path) }
            let winners = await withTaskGroup(of: Owner?.self) { group in
                for _ in 0..<8 { group.addTask { try? Owner(path) } }
                return await group.reduce(into: [Owner]()) { if let owner = $1 { $0.append(owner) } }
            }
            #expect(winners.count == 1)
            _ = try Socket.connect(.stream, to: path)
        }
    }

    @Test func `a path has at most 107 bytes`() throws {
        let name = String(repeating: "x", count: 107 - directory.path.utf8.count - 1)
        let longest = directory.file(name)
        _ = try BoundSocket(.stream, path: longest)
        #expect(
            throws: SystemError(
                "bind the socket \(longest)y", .fileNameTooLong,
                remedy: "the path has 108 bytes and a socket's may have 107: "
                    + "choose a shorter directory, such as $XDG_RUNTIME_DIR")
        ) {
            _ = try BoundSocket(.stream, path: longest + "y")
        }
        for path in ["", "a\0b"] {
            #expect(throws: SystemError.self) { _ = try BoundSocket(.stream, path: path) }
        }
    }

    @Test func `a missing directory is named`() {
        #expect(
            throws: SystemError(
                "bind the socket /nonexistent/run/net", .noSuchFileOrDirectory,
                remedy: "make the directory first, or choose another path")
        ) {
            _ = try BoundSocket(.stream, path: "/nonexistent/run/net")
        }
    }

    @Test func `a renewed socket takes newcomers while the old one keeps its peer`() throws {
        let path = directory.file("net")
        var socket = try BoundSocket(.datagram, path: path)
        let early = try Socket.connect(.datagram, to: path)
        let old = try socket.renew()
        #expect(old.raw != socket.descriptor)
        #expect(try mode(path) == S_IFSOCK | 0o600)
        let late = try Socket.connect(.datagram, to: path)
        #expect(send(early.raw, [1]) == .moved(1))
        #expect(send(late.raw, [2]) == .moved(1))
        #expect(receive(old.raw) == [1])
        #expect(receive(socket.descriptor) == [2])
        #expect(throws: SystemError.self) { _ = try BoundSocket(.datagram, path: path) }
    }

    @Test func `a renewal leaves alone what has taken the path`() throws {
        let path = directory.file("net")
        var socket = try BoundSocket(.datagram, path: path)
        // Safety: the string lives for the call.
        _ = unsafe unlink(path)
        try replace(path, with: [])
        var error: SystemError?
        do throws(SystemError) { _ = try socket.renew() } catch let thrown { error = thrown }
        #expect(error?.errno == .fileExists)
        // And takes a path that has become free.
        _ = unsafe unlink(path)
        _ = try socket.renew()
        _ = try Socket.connect(.datagram, to: path)
    }

    @Test(arguments: [SocketKind.stream, .datagram, .seqpacket])
    func `a socket that was passed is known by its path, and stays when its taker goes`(kind: SocketKind) throws {
        let path = directory.file("net")
        let manager = try BoundSocket(kind, path: path)
        do {
            let socket = try BoundSocket(passed: .duplicate(manager.descriptor), name: "net")
            #expect(socket.path == path)
            let itsKind = socket.kind
            #expect(itsKind == kind)
            let isPassed = socket.isPassed
            #expect(isPassed)
        }
        _ = try Socket.connect(kind, to: path)
    }

    @Test func `a passed descriptor that nobody can come to is refused by its name`() throws {
        let pair = try Socket.pair(.stream)
        let number = try pair.first.duplicate().release()
        #expect(
            throws: SystemError(
                "listen at the passed descriptor \(number), 'net'", .invalidArgument,
                remedy:
                    "it has to be a Unix socket: ListenStream=, ListenSequentialPacket= or ListenDatagram= of a path")
        ) {
            _ = try BoundSocket(passed: Descriptor(owning: number), name: "net")
        }
    }

    private func leaveStaleSocket(_ kind: SocketKind, at path: String) throws {
        let socket = try BoundSocket(kind, path: path)
        let kept = path + ".kept"
        // A second name keeps the socket's file when its owner goes.
        // Safety: the strings live for the calls.
        #expect(unsafe rename(path, kept) == 0)
        withExtendedLifetime(consume socket) {}
        #expect(unsafe rename(kept, path) == 0)
    }

    private func mode(_ path: String) throws -> mode_t {
        var status = stat()
        // Safety: the string lives for the call, and the kernel fills one structure.
        try #require(unsafe lstat(path, &status) == 0)
        return status.st_mode
    }
}

/// A socket that several tasks may want.
private final class Owner: Sendable {
    private let socket: BoundSocket

    init(_ path: String) throws {
        socket = try BoundSocket(.stream, path: path)
    }
}
