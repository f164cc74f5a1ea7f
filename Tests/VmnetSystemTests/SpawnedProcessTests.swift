import Glibc
import SystemPackage
import Testing
import VmnetSystem

@Suite struct SpawnedProcessTests {
    @Test(arguments: [(["true"], 0), (["false"], 1), (["sh", "-c", "exit 42"], 42)] as [([String], Int32)])
    func `the exit code is the program's`(arguments: [String], code: Int32) throws {
        let process = try SpawnedProcess(arguments)
        let status = try process.wait()
        #expect(status == .exited(code))
        #expect(status.shellCode == code)
    }

    @Test func `a signal is told apart from an exit`() throws {
        let process = try SpawnedProcess(["sleep", "1000"])
        #expect(try process.exitStatus() == nil)
        try process.send(signal: SIGTERM)
        let status = try process.wait()
        #expect(status == .signalled(SIGTERM))
        #expect(status.shellCode == 128 + SIGTERM)
    }

    @Test func `the end of a process wakes an epoll set`() throws {
        let process = try SpawnedProcess(["sleep", "1000"])
        let epoll = try Epoll()
        try epoll.add(process.descriptor, .readable, token: 9)
        var events = Epoll.EventList()
        try process.send(signal: SIGKILL)
        try epoll.wait(into: &events, timeout: .seconds(30))
        #expect(events.count == 1)
        #expect(try process.exitStatus() == .signalled(SIGKILL))
        // It has ended: a signal now is no error.
        try process.send(signal: SIGTERM)
    }

    @Test func `descriptors are found at their numbers, even when those are each other's`() throws {
        let first = try WakeUp()
        let pair = try Socket.pair(.stream)
        let low = min(first.descriptor, pair.first.raw)
        let high = max(first.descriptor, pair.first.raw)
        let process = try SpawnedProcess(
            ["readlink", "/proc/self/fd/\(high)", "/proc/self/fd/\(low)"],
            descriptors: [.init(low, at: high), .init(high, at: low), .init(pair.second.raw, at: 1)])
        #expect(try process.wait() == .exited(0))
        #expect(text(pair.first.raw) == "\(file(at: low))\n\(file(at: high))\n")
        withExtendedLifetime(first) {}
    }

    @Test func `three and four are what a command is given`() throws {
        let stream = try Socket.pair(.stream)
        let datagram = try Socket.pair(.datagram)
        let process = try SpawnedProcess(
            ["sh", "-c", "printf stream >&3; printf datagram >&4"],
            descriptors: [.init(stream.second.raw, at: 3), .init(datagram.second.raw, at: 4)])
        #expect(try process.wait() == .exited(0))
        #expect(text(stream.first.raw) == "stream")
        #expect(text(datagram.first.raw) == "datagram")
    }

    @Test func `other descriptors are not inherited`() throws {
        let pair = try Socket.pair(.stream)
        let raw = pair.first.raw
        let process = try SpawnedProcess(["sh", "-c", "test ! -e /proc/self/fd/\(raw)"])
        #expect(try process.wait() == .exited(0))
        withExtendedLifetime(pair) {}
    }

    @Test func `variables are added and replaced, others stay`() throws {
        let pair = try Socket.pair(.stream)
        let process = try SpawnedProcess(
            ["/bin/sh", "-c", #"printf "%s|%s|%s" "$OVN_TEST" "$HOME" "${PATH:+kept}" >&3"#],
            descriptors: [.init(pair.second.raw, at: 3)], environment: ["OVN_TEST": "a b", "HOME": "/elsewhere"])
        #expect(try process.wait() == .exited(0))
        #expect(text(pair.first.raw) == "a b|/elsewhere|kept")
    }

    @Test func `a child of its own group takes the group's signals`() throws {
        let process = try SpawnedProcess(["sh", "-c", "sleep 1000 & wait"], ownProcessGroup: true)
        #expect(getpgid(process.id) == process.id)
        try process.sendToGroup(signal: SIGTERM)
        #expect(try process.wait() == .signalled(SIGTERM))
    }

    @Test func `a child's signals are unblocked and at their defaults`() async {
        await #expect(processExitsWith: .success) {
            let signals = try SignalDescriptor([SIGTERM, SIGCHLD])
            SignalDescriptor.ignoreBrokenPipe()
            let pair = try Socket.pair(.stream)
            let other = try SpawnedProcess(
                ["grep", "-hE", "^Sig(Blk|Ign)", "/proc/self/status"], descriptors: [.init(pair.second.raw, at: 1)])
            #expect(try other.wait() == .exited(0))
            let output = String(decoding: receive(pair.first.raw) ?? [], as: UTF8.self)
            let masks = output.split(whereSeparator: \.isWhitespace).compactMap { UInt64($0, radix: 16) }
            #expect(masks.count == 2)
            // Signals 1 to 31; 32 and 33 are the C library's own.
            #expect(masks.allSatisfy { $0 & 0x7fff_ffff == 0 })
            withExtendedLifetime(signals.descriptor) {}
        }
    }

    @Test func `a program that does not exist is named`() {
        #expect(throws: SystemError("start /nonexistent/program", .noSuchFileOrDirectory)) {
            _ = try SpawnedProcess(["/nonexistent/program", "--help"])
        }
        #expect(throws: SystemError.self) { _ = try SpawnedProcess([]) }
    }

    /// What is open at this number: `socket:[4711]`.
    private func file(at raw: Int32) -> String {
        var bytes = [CChar](repeating: 0, count: 100)
        // Safety: the string lives for the call, and the last of the hundred bytes stays zero.
        unsafe _ = readlink("/proc/self/fd/\(raw)", &bytes, 99)
        return String(decoding: bytes.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    private func text(_ raw: Int32) -> String {
        String(decoding: receive(raw) ?? [], as: UTF8.self)
    }
}
