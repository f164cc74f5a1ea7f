import Glibc
import SystemPackage
import Testing
import VmnetSystem

@Suite struct ProgramTests {
    @Test func `the process becomes the program`() async {
        await #expect(processExitsWith: .exitCode(7)) {
            _ = Program.replaceProcess(with: ["sh", "-c", "exit 7"])
        }
    }

    @Test(arguments: [
        (["/nonexistent/program"], Errno.noSuchFileOrDirectory), (["/etc/passwd"], .permissionDenied),
        ([], .invalidArgument), (["a\0b"], .invalidArgument),
    ])
    func `what cannot be run says why`(command: [String], error: Errno) {
        #expect(Program.replaceProcess(with: command) == error)
    }
}
