import TAPGuest
import Testing

extension Integration {
    /// A machine without an operating system boots from the network.
    @Suite struct IPXETests {
        @Test(.needs(.qemu, .ipxe))
        func `iPXE in QEMU's network card gets its lease`() async throws {
            let serve = try await Serve(on: HostNetwork(), in: TemporaryFolder())
            // No screen: the BIOS shows iPXE's text on the serial line.
            let machine = try Child([
                "qemu-system-x86_64", "-machine", "pc,graphics=off", "-accel", "tcg", "-m", "64", "-nodefaults",
                "-no-reboot", "-display", "none", "-serial", "stdio", "-boot", "n",
                "-netdev", "stream,id=n0,server=off,addr.type=unix,addr.path=\(serve.socket(.stream))",
                "-device", "virtio-net-pci,netdev=n0,mac=02:00:00:00:00:01",
            ])
            try await machine.wait(for: "net0: 192.168.105.", within: .seconds(60))
            try await machine.wait(for: "/255.255.255.0 gw 192.168.105.1", within: .seconds(5))
            try await serve.stop()
        }
    }
}
