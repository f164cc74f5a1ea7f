import TAPGuest
import Testing

extension Integration {
    /// Whoever reads slower than the other side sends is waited for, and never kept waiting.
    @Suite struct SlowReceiverTests {
        private static let server = "\(HostNetwork.internetAddress):9000"

        /// At segments as long as half the window, a sender would wait for its persist timer again and again: five times a
        /// second, 200 ms each.
        @Test(.needs(.udhcpc))
        func `a guest that uploads faster than the host reads never has to ask for a larger window`() async throws {
            let (serve, guest) = try await Self.network()
            let host = serve.host
            let reader = try host.namespace.start(
                ["sh", "-c", "exec \(Programs.socketPeer) accept 100000000 \(Self.server) >\(serve.folder("upload"))"])
            try await Self.waitForServer(in: host)
            try await guest.run(
                "nc \(HostNetwork.internetAddress) 9000 -e sh -c 'cat \(host.web)/blob \(host.web)/blob'",
                within: .seconds(30))
            let result = try await reader.result(within: .seconds(30))
            let digests = try await host.namespace.run(
                "sh", "-c",
                "cat \(host.web)/blob \(host.web)/blob | sha256sum; sha256sum <\(serve.folder("upload"))"
            ).split(separator: "\n")
            #expect(digests.count == 2 && digests[0] == digests[1], "\(digests)\(result.errors)")
            #expect(try await Self.windowProbes(of: guest) < 3, "\(result.errors)")
            try await serve.stop()
        }

        @Test(.needs(.udhcpc))
        func `a guest that reads slowly gets everything`() async throws {
            let (serve, guest) = try await Self.network()
            let host = serve.host
            let sender = try host.namespace.start([
                GuestFiles.root + "/bin/busybox", "nc", "-l", "-p", "9000", "-e", "cat", "\(host.web)/blob",
            ])
            try await Self.waitForServer(in: host)
            let reader = try guest.namespace.start([
                "sh", "-c", "\(Programs.socketPeer) connect 30000000 \(Self.server) | sha256sum",
            ])
            let result = try await reader.result(within: .seconds(30))
            #expect(result.output.hasPrefix(host.blobSHA256), "\(result)")
            #expect(try await sender.exit(within: .seconds(5)) == .status(0))
            try await serve.stop()
        }

        /// A guest whose kernel sends and takes segments of 64 KiB, which is fast.
        private static func network() async throws -> (Serve, NamespaceGuest) {
            let namespace = try await Namespace()
            let serve = try await Serve(
                Serve.network + ["--listen", "tap:eth0@\(namespace.path)"], on: HostNetwork(), in: TemporaryFolder())
            let guest = try NamespaceGuest(in: namespace, interface: "eth0")
            _ = try await guest.acquireLease()
            return (serve, guest)
        }

        private static func waitForServer(in host: HostNetwork) async throws {
            try await eventually("the server", within: .seconds(5)) {
                try await host.namespace.run("ss", "-Hlnt").contains(":9000 ")
            }
        }

        /// How often its kernel has asked whether a closed window is open again.
        private static func windowProbes(of guest: NamespaceGuest) async throws -> Int {
            let lines = try await guest.run("grep ^TcpExt: /proc/self/net/netstat").split(separator: "\n")
                .map { $0.split(separator: " ") }
            let column = try #require(lines.first?.firstIndex(of: "TCPWinProbe"))
            return try #require(lines.last.flatMap { Int($0[column]) })
        }
    }
}
