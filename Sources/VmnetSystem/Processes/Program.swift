import CVmnetLinux
import Glibc
package import SystemPackage

/// What becomes of this process when it turns into another program.
package enum Program {
    /// Turns this process into `command`, found in PATH unless it has a slash. The corresponding C call is `execvp`.
    ///
    /// It returns only with the reason why not. Descriptors that are closed on exec are gone afterwards, the others
    /// are the program's.
    package static func replaceProcess(with command: [String]) -> Errno {
        guard let program = command.first, !command.contains(where: { $0.utf8.contains(0) }) else {
            return .invalidArgument
        }
        // Safety: strdup's copies live until the process is another, or until they are freed here.
        var arguments = unsafe command.map { unsafe strdup($0) } + [nil]
        defer { unsafe arguments.forEach { unsafe free($0) } }
        _ = unsafe execvp(program, &arguments)
        return Errno(rawValue: errno)
    }

    /// Has the kernel kill this process when the thread that started it ends, by `prctl(PR_SET_PDEATHSIG)`.
    ///
    /// New programs inherit it, except privileged ones; a change of user clears it. A parent that has ended before the
    /// call goes unnoticed: make sure of that otherwise.
    package static func dieWithParent() throws(SystemError) {
        try SystemCall.run("ask for a signal at the parent's death") {
            ovn_prctl(PR_SET_PDEATHSIG, UInt(SIGKILL), 0)
        }
    }
}
