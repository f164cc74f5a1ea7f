import Testing

extension Integration {
    /// An emulator for macOS that knows nothing of this package: QEMU with its own vmnet networks (Tests/Emulators).
    @Suite(.needs(.installed, .vmnetQEMU)) struct EmulatorTests {
        @Test func `QEMU's vmnet-shared has everything a guest gets`() async throws {
            let host = try await HostNetwork()
            let guest = try await Self.guest(on: host, netdev: Serve.network[1])
            try await checkEverything(in: guest, on: Promise(on: host))
            // It stops its interface, and ends.
            try guest.console.machine.write(line: "poweroff -f")
            #expect(try await guest.console.machine.exit(within: .seconds(10)) == .status(0))
        }

        @Test func `QEMU's vmnet-host has the host and nothing else`() async throws {
            let host = try await HostNetwork()
            let guest = try await Self.guest(
                on: host, netdev: Serve.network[1].replacing("vmnet-shared", with: "vmnet-host"))
            let lease = try await guest.acquireLease()
            #expect(lease.options["gateway"] == nil)
            let promise = Promise(on: host)
            #expect(try await guest.canPing(promise.gateway))
            let output = try await guest.run("wget -q -O - http://\(promise.gateway)/blob | sha256sum")
            #expect(output.hasPrefix(host.blobSHA256), "\(output)")
        }

        @Test(arguments: [
            ("vmnet-shared,start-address=192.168.105.1", "should be provided together"),
            ("vmnet-shared,start-address=8.8.8.1,end-address=8.8.8.9,subnet-mask=255.255.255.0", "invalid argument"),
            ("vmnet-bridged,ifname=en0", "no supported interfaces available"),
        ])
        func `QEMU says what is wrong as it does on macOS`(netdev: String, complaint: String) async throws {
            let host = try await Namespace()
            let folder = try TemporaryFolder()
            let qemu = try host.start(
                [GuestFiles.vmnetQEMU, "-machine", "none", "-display", "none", "-netdev", "\(netdev),id=n0"],
                environment: Serve.environment(folder))
            let result = try await qemu.result(within: .seconds(20))
            #expect(result.exit == .status(1))
            #expect(result.errors.contains(complaint), "\(result.errors)")
        }

        private static func guest(on host: HostNetwork, netdev: String) async throws -> QEMU {
            try await QEMU(
                program: [GuestFiles.vmnetQEMU, "-L", "/usr/share/seabios", "-L", "/usr/share/qemu"],
                netdev: netdev, address: "02:00:00:00:00:01", in: host.namespace)
        }
    }
}
