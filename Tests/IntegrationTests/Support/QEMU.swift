/// A virtual machine with Debian's cloud kernel. Emulated throughout (TCG), so it needs no /dev/kvm.
final class QEMU: Guest {
    let interface = "eth0"
    let console: Console

    /// Boots one whose network card has `netdev`, QEMU's option without its `id`.
    ///
    /// - Parameters:
    ///   - program: QEMU, and options that go before all others.
    ///   - prefix: a command that starts QEMU as its own child: `openvmnet run ... --`.
    init(
        program: [String] = ["qemu-system-x86_64"], netdev: String, address: String, in namespace: Namespace,
        after prefix: [String] = [],
        environment: [String: String] = [:]
    ) async throws {
        let machine = try namespace.start(
            prefix + program + [
                "-accel", "tcg", "-m", "384", "-nodefaults", "-no-reboot", "-display", "none",
                "-serial", "stdio", "-kernel", GuestFiles.kernel, "-initrd", GuestFiles.initramfs,
                "-append", "console=ttyS0 quiet panic=-1", "-netdev", "\(netdev),id=n0",
                "-device", "virtio-net-pci,netdev=n0,romfile=,mac=\(address)",
            ], environment: environment, hasInput: true)
        console = Console(of: machine)
        try await console.waitUntilReady()
    }

    func shell(_ script: String, within limit: Duration) async throws -> (status: Int, output: String) {
        try await console.shell(script, within: limit)
    }

    func acquireLease() async throws -> Lease { try await acquireLeaseWithBusybox() }
}
