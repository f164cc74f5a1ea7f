import CLinux
import Foundation
import Glibc
import Probes
import Synchronization

/// A process that this program started; killed when it is released. Its output is kept in an unnamed file.
///
/// What it leaves behind goes with the process namespace that the whole comparison runs in.
final class Child {
    let pid: pid_t
    let name: String
    private let output: Int32
    private let input: Int32
    private var ended: Int32?

    /// Starts `arguments[0]`, searched for in PATH. Its input is empty, and ends when this is released.
    init(_ arguments: [String]) throws {
        var ends: [Int32] = [-1, -1]
        // Safety: the array has room for the two descriptors.
        guard unsafe pipe(&ends) == 0 else { throw SystemFailure("pipe") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(ends[0]) }
        output = try unnamedFile()
        input = ends[1]
        let program = arguments.first { !$0.hasPrefix("-") && !Self.wrappers.contains($0) } ?? arguments[0]
        name = URL(fileURLWithPath: program).lastPathComponent
        pid = try spawn(arguments, descriptors: [ends[0], output, output])
    }

    /// Programs that only start another one.
    private static let wrappers: Set = ["nsenter", "env"]

    deinit {
        if poll() == nil {
            kill(pid, SIGKILL)
            waitpid(pid, nil, 0)
        }
        close(output)
        close(input)
    }

    /// What it has written to its standard output and standard error so far.
    var text: String {
        var octets: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            // Safety: at most the array's length is read into it.
            let count = unsafe pread(output, &chunk, chunk.count, off_t(octets.count))
            guard count > 0 else { return String(decoding: octets, as: UTF8.self) }
            octets += chunk[..<count]
        }
    }

    /// The exit status, 128 and the signal's number for a signal; nil while it runs.
    func poll() -> Int32? {
        if let ended { return ended }
        var status: Int32 = 0
        // Safety: one status word, which lives for the call.
        guard unsafe waitpid(pid, &status, WNOHANG) == pid else { return nil }
        ended = status & 0x7f == 0 ? status >> 8 & 0xff : 128 + status & 0x7f
        return ended
    }

    /// Sleeps until it ends: to look again and again would take the time from what is measured.
    ///
    /// - Throws: `Failure` when it takes longer.
    func awaitEnd(within seconds: Double) throws {
        let process = ovb_pidfd_open(pid)
        guard process >= 0 else { throw SystemFailure("pidfd_open") }
        defer { close(process) }
        var entry = pollfd(fd: process, events: Int16(POLLIN), revents: 0)
        // Safety: one entry.
        guard unsafe Glibc.poll(&entry, 1, Int32(seconds * 1000)) == 1, poll() != nil else {
            throw Failure("waited \(seconds) s in vain for the end of \(name)")
        }
    }

    /// Waits for its end, and gives its output.
    ///
    /// - Throws: `Failure` when it takes longer, or ends with another status than 0.
    func finish(within seconds: Double) throws -> String {
        try awaitEnd(within: seconds)
        guard poll() == 0 else { throw Failure("\(name): \(lastLine)") }
        return text
    }

    /// Waits until it has written `word`, and gives its output.
    @discardableResult
    func wait(for word: String, within seconds: Double) throws -> String {
        try eventually("\(name)", within: seconds) {
            if text.contains(word) { return true }
            try checkRunning()
            return false
        }
        return text
    }

    /// - Throws: `Failure` when it has ended.
    func checkRunning() throws {
        guard poll() == nil else { throw Failure("\(name) ended: \(lastLine)") }
    }

    private var lastLine: String {
        text.split(whereSeparator: \.isNewline).last.map { String($0.prefix(120)) } ?? "no output"
    }
}

/// Looks every half a millisecond whether `condition` holds yet.
///
/// - Throws: `Failure` after so many seconds; what `condition` throws.
func eventually(_ what: String, within seconds: Double, _ condition: () throws -> Bool) throws {
    let deadline = monotonicNanoseconds() + Int(seconds * 1e9)
    while try !condition() {
        guard monotonicNanoseconds() < deadline else { throw Failure("waited \(seconds) s in vain for \(what)") }
        usleep(500)
    }
}

/// Runs a command to its end and gives its output.
@discardableResult
func run(_ arguments: String..., within seconds: Double = 10) throws -> String {
    try Child(arguments).finish(within: seconds)
}

private let unnamedFileCount = Atomic<Int>(0)

/// A file without a name, for a child to append to.
private func unnamedFile() throws -> Int32 {
    let number = unnamedFileCount.add(1, ordering: .relaxed).newValue
    let path = "\(Stage.folder)/output.\(number)"
    // Safety: the path lives for the calls.
    let file = unsafe open(path, O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw SystemFailure("open \(path)") }
    _ = unsafe unlink(path)
    return file
}

/// Starts a program with the given descriptors as 0, 1 and 2.
private func spawn(_ arguments: [String], descriptors: [Int32]) throws -> pid_t {
    // Safety: the actions are initialised before use and destroyed after; the strings, whose vector ends with nil, are
    // freed after the spawn has copied them.
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    for (number, descriptor) in descriptors.enumerated() {
        unsafe posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(number))
    }
    let vector = unsafe arguments.map { unsafe strdup($0) } + [nil]
    defer { unsafe vector.forEach { unsafe free($0) } }
    var pid: pid_t = 0
    let error = unsafe posix_spawnp(&pid, arguments[0], &actions, nil, vector, environ)
    guard error == 0 else { throw SystemFailure("start \(arguments[0])", number: error) }
    return pid
}
