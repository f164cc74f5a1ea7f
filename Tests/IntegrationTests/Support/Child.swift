import Foundation
import Glibc
import Synchronization
import TAPGuest

/// A process of a test, in a process group of its own, whose output is kept in memory.
///
/// The whole group is killed when this is released, so a failing test leaves nothing behind; what a killed test process
/// leaves is swept when the next one starts its first child.
final class Child: Sendable {
    /// How a process ended.
    enum Exit: Equatable, Sendable {
        case status(Int32)
        case signal(Int32)
    }

    /// What a process said and how it ended.
    struct Result: Sendable {
        let exit: Exit
        let output: String
        let errors: String
    }

    let pid: pid_t
    let arguments: [String]
    private let outputFile: Int32
    private let errorFile: Int32
    private let input: Int32
    private let ended = Mutex<Exit?>(nil)

    /// Starts `arguments[0]`, searched for in PATH, with `environment` on top of this process's.
    ///
    /// Its standard input is empty, unless `hasInput`: then it is what `write` sends, and stays open. The descriptors to
    /// inherit become 3, 4 and so on.
    init(
        _ arguments: [String], environment: [String: String] = [:], hasInput: Bool = false,
        inheriting descriptors: [Int32] = []
    ) throws {
        Leftovers.sweepOnce()
        let output = try unnamedFile()
        let errors = try unnamedFile()
        var ends: [Int32] = [-1, -1]
        // A socket and not a pipe, because a write to one whose reader has gone need not raise a signal.
        // Safety: the array has room for the two descriptors.
        guard unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw SystemError("socketpair")
        }
        if !hasInput { shutdown(ends[1], Int32(SHUT_WR)) }
        defer { close(ends[0]) }
        var variables = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        variables["PATH", default: "/usr/bin:/bin"] += ":/usr/sbin:/sbin"
        variables[Leftovers.marker] = "\(getpid())"
        pid = try spawn(arguments, environment: variables, descriptors: [ends[0], output, errors] + descriptors)
        self.arguments = arguments
        outputFile = output
        errorFile = errors
        input = ends[1]
    }

    deinit {
        kill(-pid, SIGKILL)
        if ended.withLock({ $0 }) == nil { waitpid(pid, nil, 0) }
        for descriptor in [outputFile, errorFile, input] { close(descriptor) }
    }

    /// What it has written to standard output so far.
    var output: String { contents(of: outputFile) }
    /// What it has written to standard error so far.
    var errors: String { contents(of: errorFile) }

    /// Whether it still runs, stopped or not.
    var isRunning: Bool { pollExit() == nil }

    /// Sends a signal to the process alone.
    func signal(_ number: Int32) { kill(pid, number) }
    /// Sends a signal to the process and its descendants.
    func signalGroup(_ number: Int32) { kill(-pid, number) }

    /// Sends a line to its standard input.
    func write(line: String) throws {
        let bytes = Array("\(line)\n".utf8)
        // Safety: the array's octets, which live for the call; a line is far shorter than the socket's buffer.
        let count = unsafe bytes.withUnsafeBytes { unsafe send(input, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        guard count == bytes.count else { throw SystemError("write to \(arguments[0])") }
    }

    /// Waits for its end.
    func exit(within limit: Duration) async throws -> Exit {
        do {
            try await eventually("the end of \(arguments)", within: limit) { pollExit() != nil }
        } catch let error as TimedOut {
            throw ChildFailure(error.description, self)
        }
        return pollExit() ?? .status(-1)
    }

    /// Waits for its end and gives all of it.
    func result(within limit: Duration) async throws -> Result {
        let exit = try await exit(within: limit)
        return Result(exit: exit, output: output, errors: errors)
    }

    /// Waits for `text` in its standard output, and fails at once when the process ends without it.
    func wait(for text: String, within limit: Duration) async throws {
        do {
            try await eventually("\"\(text)\"", within: limit) {
                let exit = pollExit()
                if output.contains(text) { return true }
                if exit != nil { throw ChildFailure("ended without \"\(text)\"", self) }
                return false
            }
        } catch let error as TimedOut {
            throw ChildFailure(error.description, self)
        }
    }

    /// The end, if it has come.
    private func pollExit() -> Exit? {
        ended.withLock { ended in
            if let ended { return ended }
            var status: Int32 = 0
            // Safety: one status word, which lives for the call.
            guard unsafe waitpid(pid, &status, WNOHANG) == pid else { return nil }
            ended = status & 0x7f == 0 ? .status(status >> 8 & 0xff) : .signal(status & 0x7f)
            return ended
        }
    }

    private func contents(of file: Int32) -> String {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            // Safety: at most the array's length is read into it.
            let count = unsafe pread(file, &chunk, chunk.count, off_t(bytes.count))
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += chunk[..<count]
        }
    }
}

/// A process that did not do what a test relies on, with its output for the reader.
struct ChildFailure: Error, CustomStringConvertible {
    let description: String

    init(_ what: String, _ child: Child) {
        description = """
            \(child.arguments.joined(separator: " ")): \(what)
            -- output --
            \(child.output.suffix(4000))
            -- errors --
            \(child.errors.suffix(4000))
            """
    }
}

private let unnamedFileCount = Atomic<Int>(0)

/// A file without a name, for a child to write to.
private func unnamedFile() throws -> Int32 {
    let number = unnamedFileCount.add(1, ordering: .relaxed).newValue
    let path = "\(Leftovers.folderPrefix)\(getpid()).output.\(number)"
    // Safety: the path lives for the calls.
    let file = unsafe open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw SystemError("open \(path)") }
    _ = unsafe unlink(path)
    return file
}

/// Starts a program with the given descriptors as 0, 1, 2 and so on, as the leader of a new process group.
private func spawn(_ arguments: [String], environment: [String: String], descriptors: [Int32]) throws -> pid_t {
    // Safety: the attributes and actions are initialised before use and destroyed after; the strings, whose vectors end
    // with nil, are freed after the spawn has copied them.
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    for (number, descriptor) in descriptors.enumerated() {
        unsafe posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(number))
    }
    var attributes = posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    unsafe posix_spawnattr_setsigmask(&attributes, &signals)
    unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK))
    let vector = unsafe arguments.map { unsafe strdup($0) } + [nil]
    let variables = unsafe environment.map { unsafe strdup("\($0)=\($1)") } + [nil]
    defer { unsafe (vector + variables).forEach { unsafe free($0) } }
    var pid: pid_t = 0
    let error = unsafe posix_spawnp(&pid, arguments[0], &actions, &attributes, vector, variables)
    guard error == 0 else { throw SystemError("start \(arguments[0])", number: error) }
    return pid
}
