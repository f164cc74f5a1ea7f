import ArgumentParser
import Glibc
import OpenVmnet
import SystemPackage
import VmnetSystem

/// Ends the process after an error: the sentence and the hint on standard error, and the documented exit code.
enum Failure {
    /// 1: failed at run time.
    static let runTime = ExitCode(1)
    /// 2: wrong usage or configuration.
    static let usage = ExitCode(2)

    static func exit(with error: any Error) -> Never {
        switch error {
        case let error as VmnetError:
            report(error.message, hint: error.hint)
            Glibc.exit((error.code == .invalidConfiguration ? usage : runTime).rawValue)
        case let error as SystemError:
            report("cannot \(error.operation): \(error.errno)", hint: error.remedy)
            Glibc.exit(runTime.rawValue)
        case let code as ExitCode:
            Glibc.exit(code.rawValue)
        default:
            exitAfterParsing(error)
        }
    }

    static func report(_ message: String, hint: String? = nil) {
        try? StandardStream.error.write("openvmnet: \(message)\n" + (hint.map { "hint: \($0)\n" } ?? ""))
    }

    /// Reports that a command could not be started, and returns a shell's exit status for it.
    static func notStarted(_ command: [String], _ error: Errno) -> ExitCode {
        let isMissing = error == .noSuchFileOrDirectory
        report(
            "cannot run \(command.first ?? "nothing"): \(error)",
            hint: isMissing ? "write a path, or a name that is found in PATH" : nil)
        return ExitCode(isMissing ? 127 : 126)
    }

    /// Help and version go to standard output and are no failure; a wrong command line is one of usage.
    private static func exitAfterParsing(_ error: any Error) -> Never {
        let code = OpenVmnetCommand.exitCode(for: error)
        if code.isSuccess { OpenVmnetCommand.exit(withError: error) }
        var message = OpenVmnetCommand.fullMessage(for: error)
        if message.hasPrefix("Error: ") { message = "openvmnet: " + message.dropFirst("Error: ".count) }
        try? StandardStream.error.write(message + "\n")
        Glibc.exit((code == .validationFailure ? usage : code).rawValue)
    }
}
