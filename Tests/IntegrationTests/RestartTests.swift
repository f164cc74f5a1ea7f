import Glibc
import TAPGuest
import Testing

extension Integration {
    /// The daemon ends, in whatever way, and begins again: guests find their network as it was.
    @Suite struct RestartTests {
        @Test(.needs(.udhcpc), arguments: SocketKind.allCases, [SIGTERM, SIGKILL])
        func `a guest that attaches again goes on with its address, though the daemon ended under load`(
            kind: SocketKind, signal: Int32
        ) async throws {
            let folder = try TemporaryFolder()
            let serve = try await Serve(on: HostNetwork(), in: folder)
            let guest = try await NamespaceGuest(
                connectedTo: serve.socket(kind), kind, address: "02:00:00:00:00:01", reconnects: true)
            let gateway = try serve.promise.gateway
            let lease = try await guest.acquireLease()
            let load = try guest.namespace.start(
                ["sh", "-c", "while :; do wget -q -O /dev/null http://\(gateway)/blob; done"],
                environment: ["PATH": "\(GuestFiles.root)/bin"])
            try await guest.waitForTraffic()
            if signal == SIGKILL { try await serve.kill() } else { try await serve.stop() }

            let successor = try await Serve(on: serve.host, in: folder)
            try await eventually("the gateway's answer", within: .seconds(20)) {
                try await guest.shell("ping -c 1 -W 1 \(gateway)", within: .seconds(5)).status == 0
            }
            load.signalGroup(SIGKILL)
            #expect(try await guest.acquireLease().address == lease.address)
            try await successor.stop()
        }

        @Test(.needs(.udhcpc))
        func `a guest that only serves is reached through a forward soon after the daemon was killed`() async throws {
            let folder = try TemporaryFolder()
            let options = Serve.network + ["--forward", "tcp:7777:7", "--forward", "unix:\(folder("echo")):7"]
            let serve = try await Serve(options, listening: [.stream], on: HostNetwork(), in: folder)
            let guest = try await NamespaceGuest(
                connectedTo: serve.socket(.stream), .stream, address: "02:00:00:00:00:01", reconnects: true)
            _ = try await guest.acquireLease()
            let echo = try guest.namespace.start([Programs.socketPeer, "echo", "0.0.0.0:7"])
            try await echo.wait(for: "ready", within: .seconds(10))
            try await serve.kill()

            let successor = try await Serve(options, listening: [.stream], on: serve.host, in: folder)
            try await eventually("a client that is served", within: .seconds(10)) {
                try await serve.host.namespace.run(Programs.socketPeer, "clients", "1", "1", "127.0.0.1:7777")
                    == "0 failed\n"
            }
            #expect(try await successor.verb("forward", "list").output.contains("  192.168.105.2\n"))
            try await successor.stop()
        }
    }
}

extension NamespaceGuest {
    /// Waits until 4 MiB more have passed its interface.
    func waitForTraffic() async throws {
        let start = try await byteCount()
        try await eventually("traffic", within: .seconds(10)) { try await byteCount() - start > 4 << 20 }
    }

    private func byteCount() async throws -> Int {
        let output = try await run("awk '/\(interface):/ { print $2 + $10 }' /proc/net/dev")
        return Int(output.filter(\.isNumber)) ?? 0
    }
}
