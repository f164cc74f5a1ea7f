import TAPGuest

/// Linux as a process, from Debian's user-mode-linux: its root is the guest files' folder, read-only.
final class UserModeLinux: Guest {
    let interface = "vec0"
    let console: Console
    private let folder: TemporaryFolder

    /// Boots one whose network card is connected to the SEQPACKET socket at `path`.
    init(connectedTo path: String, address: String) async throws {
        folder = try TemporaryFolder()
        let machine = try Child(
            [
                "linux.uml", "mem=256M", "root=/dev/root", "rootfstype=hostfs", "rootflags=\(GuestFiles.root)", "ro",
                "init=/init", "quiet", "con0=fd:0,fd:1", "con=null", "ssl=null", "uml_dir=\(folder.path)",
                "vec0:transport=bess,dst=\(path),depth=128,gro=1,mac=\(address)",
            ], environment: ["HOME": folder.path, "TMPDIR": folder.path], hasInput: true)
        console = Console(of: machine)
        try await console.waitUntilReady()
    }

    func shell(_ script: String, within limit: Duration) async throws -> (status: Int, output: String) {
        try await console.shell(script, within: limit)
    }

    func acquireLease() async throws -> Lease { try await acquireLeaseWithBusybox() }
}
