import CVmnetLinux
import Glibc
import SystemPackage

/// A child process. The corresponding C calls are `posix_spawnp`, `pidfd_open` and `waitid`.
///
/// Whoever starts one collects its status with `wait` or `exitStatus`; letting go of the value ends nothing.
package struct SpawnedProcess: ~Copyable, Sendable {
    /// A descriptor of this process that the child finds at a number of its own.
    package struct PlacedDescriptor: Sendable {
        /// Borrowed for the call that starts the process.
        let source: Int32
        let number: Int32

        package init(_ source: Int32, at number: Int32) {
            self.source = source
            self.number = number
        }
    }

    package let id: Int32
    private let handle: Descriptor

    /// Starts a program, found in PATH when its name has no slash.
    ///
    /// The child gets the standard streams, the descriptors it is given and no others that are closed on exec; signals
    /// are unblocked and at their defaults, whatever this process has done with its own.
    ///
    /// - Parameters:
    ///   - arguments: the program and its arguments; not empty.
    ///   - descriptors: placed in the child, whose close-on-exec is off there.
    ///   - environment: added to this process's, or replacing variables of the same name.
    ///   - ownProcessGroup: whether the child leads a new process group, which the terminal's signals do not reach.
    package init(
        _ arguments: [String], descriptors: [PlacedDescriptor] = [], environment: [String: String] = [:],
        ownProcessGroup: Bool = false
    ) throws(SystemError) {
        guard let program = arguments.first, arguments.allSatisfy({ !$0.utf8.contains(0) }) else {
            throw SystemError("start a program", .invalidArgument, remedy: "give its name")
        }
        var process: pid_t = 0
        // Safety: every pointer lives for the call.
        let error = try unsafe Self.withActions(descriptors) { actions in
            unsafe Self.withAttributes(ownProcessGroup: ownProcessGroup) { attributes in
                unsafe Self.withCStrings(arguments) { arguments in
                    unsafe Self.withCStrings(Self.merge(environment)) { environment in
                        unsafe posix_spawnp(&process, program, actions, attributes, arguments, environment)
                    }
                }
            }
        }
        guard error == 0 else { throw SystemError("start \(program)", Errno(rawValue: error)) }
        let id = process
        let handle: Descriptor
        do throws(SystemError) {
            handle = Descriptor(owning: try SystemCall.run("watch the process \(id)") { ovn_pidfd_open(id) })
        } catch {
            kill(id, SIGKILL)
            _ = SystemCall.result { waitpid(id, nil, 0) }
            throw error
        }
        self.id = id
        self.handle = handle
    }

    /// Readable in an epoll set once the process has ended.
    package var descriptor: Int32 { handle.raw }

    /// How the process ended, once; nil while it runs.
    package borrowing func exitStatus() throws(SystemError) -> ExitStatus? {
        try collect(WEXITED | WNOHANG)
    }

    /// Blocks until the process ends.
    package borrowing func wait() throws(SystemError) -> ExitStatus {
        while true {
            if let status = try collect(WEXITED) { return status }
        }
    }

    /// Sends the process a signal. Sending one to a process that has ended is no error.
    package borrowing func send(signal: Int32) throws(SystemError) {
        let handle = handle.raw
        let id = id
        if case .failure(let error) = SystemCall.result({ ovn_pidfd_send_signal(handle, signal) }),
            error != .noSuchProcess
        {
            throw SystemError("signal the process \(id)", error)
        }
    }

    /// Sends a signal to the process group that the process leads.
    package borrowing func sendToGroup(signal: Int32) throws(SystemError) {
        let id = id
        if case .failure(let error) = SystemCall.result({ kill(-id, signal) }), error != .noSuchProcess {
            throw SystemError("signal the process group \(id)", error)
        }
    }

    private borrowing func collect(_ options: Int32) throws(SystemError) -> ExitStatus? {
        let handle = handle.raw
        let id = id
        // Safety: a structure of zeros, which the kernel fills.
        var information = unsafe siginfo_t()
        try SystemCall.run("wait for the process \(id)") {
            unsafe ovn_waitid_pidfd(handle, &information, options)
        }
        // Safety: for SIGCHLD the union holds the child's status.
        guard unsafe information.si_signo != 0 else { return nil }
        let status = unsafe information._sifields._sigchld.si_status
        return unsafe information.si_code == CLD_EXITED ? .exited(status) : .signalled(status)
    }
}

extension SpawnedProcess {
    /// Calls `body` with the file actions that place the descriptors.
    private static func withActions(
        _ descriptors: [PlacedDescriptor], _ body: (UnsafePointer<posix_spawn_file_actions_t>) -> Int32
    ) throws(SystemError) -> Int32 {
        // A source may have the number that another is to be placed at: all are moved out of the way first.
        let highest = descriptors.map(\.number).max() ?? 0
        var moved: [Int32] = []
        defer { for raw in moved { close(raw) } }
        for placed in descriptors {
            let source = placed.source
            moved.append(
                try SystemCall.run("pass the descriptor \(source)") { fcntl(source, F_DUPFD_CLOEXEC, highest + 1) })
        }
        // Safety: initialised here, destroyed at the end.
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        for (source, placed) in zip(moved, descriptors) {
            unsafe posix_spawn_file_actions_adddup2(&actions, source, placed.number)
        }
        return unsafe body(&actions)
    }

    /// Calls `body` with attributes that give the child clean signals.
    private static func withAttributes(
        ownProcessGroup: Bool, _ body: (UnsafePointer<posix_spawnattr_t>) -> Int32
    ) -> Int32 {
        var attributes = posix_spawnattr_t()
        var none = sigset_t()
        var all = sigset_t()
        // Safety: initialised here, destroyed at the end.
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        unsafe sigemptyset(&none)
        unsafe sigfillset(&all)
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        unsafe posix_spawnattr_setsigdefault(&attributes, &all)
        let group = ownProcessGroup ? POSIX_SPAWN_SETPGROUP : 0
        unsafe posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | group))
        return unsafe body(&attributes)
    }

    /// Calls `body` with an array of C strings that ends with a null pointer.
    private static func withCStrings(
        _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Int32
    ) -> Int32 {
        // Safety: copies of the strings, freed at the end.
        var pointers = unsafe strings.map { unsafe strdup($0) }
        defer { unsafe pointers.forEach { unsafe free($0) } }
        unsafe pointers.append(nil)
        return unsafe body(pointers)
    }

    private static func merge(_ additions: [String: String]) -> [String] {
        let kept = Environment.entries.filter { entry in
            additions[String(entry.prefix { $0 != "=" })] == nil
        }
        return kept + additions.map { "\($0.key)=\($0.value)" }
    }
}
