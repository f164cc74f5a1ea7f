import Foundation
import Glibc
import TAPGuest
import Testing

extension Integration {
    /// Ports of the host that lead to guests.
    @Suite struct ForwardTests {
        private static let station = "02:00:00:00:00:01"

        /// A network with these forwards, and a guest on it that has its lease and echoes at port 7.
        private final class Published: Sendable {
            let serve: Serve
            let guest: NamespaceGuest
            let echo: Child

            init(_ forwards: [String]) async throws {
                serve = try await Serve(
                    Serve.network + forwards.flatMap { ["--forward", $0] }, listening: [.stream], on: HostNetwork(),
                    in: TemporaryFolder())
                guest = try await NamespaceGuest(
                    connectedTo: serve.socket(.stream), .stream, address: ForwardTests.station)
                _ = try await guest.acquireLease()
                echo = try guest.namespace.start([Programs.socketPeer, "echo", "0.0.0.0:7"])
                try await echo.wait(for: "ready", within: .seconds(10))
            }
        }

        /// The host's port of the forward number `index`, as it was announced.
        private func port(_ index: Int, of serve: Serve) throws -> String {
            String(try #require(serve.announcement.forwards[index].split(separator: ":").dropFirst(2).first))
        }

        private func clients(
            _ count: Int, times: Int, of port: String, on serve: Serve, within limit: Duration = .seconds(30)
        ) async throws -> String {
            try await serve.host.namespace.run(
                Programs.socketPeer, "clients", "\(count)", "\(times)", "127.0.0.1:\(port)", within: limit)
        }

        @Test(.needs(.udhcpc))
        func `200 clients at once are served, 10,000 one after the other, and no descriptor is lost`() async throws {
            let published = try await Published(["tcp:0:7"])
            let serve = published.serve
            let port = try port(0, of: serve)
            #expect(try await clients(200, times: 1, of: port, on: serve) == "0 failed\n")
            let before = ProcessFigures(of: serve.child.pid).descriptorCount
            #expect(try await clients(1, times: 10_000, of: port, on: serve, within: .seconds(60)) == "0 failed\n")
            try await eventually("closed descriptors", within: .seconds(10)) {
                ProcessFigures(of: serve.child.pid).descriptorCount <= before
            }
            try await published.serve.stop()
        }

        @Test(.needs(.udhcpc))
        func `clients are refused until the guest has its lease, by whatever it is named`() async throws {
            let folder = try TemporaryFolder()
            let serve = try await Serve(
                Serve.network
                    + ["tcp:0:\(Self.station):7", "tcp:0:192.168.105.2:7", "tcp:0:VM-1:7"]
                    .flatMap { ["--forward", $0] }, listening: [.stream], on: HostNetwork(), in: folder)
            let first = try port(0, of: serve)
            #expect(try await clients(1, times: 1, of: first, on: serve) == "1 failed\n")
            let guest = try await NamespaceGuest(
                connectedTo: serve.socket(.stream), .stream, address: Self.station)
            let lease = try await guest.acquireLease()
            #expect("\(lease.address)" == "192.168.105.2")
            let echo = try guest.namespace.start([Programs.socketPeer, "echo", "0.0.0.0:7"])
            try await echo.wait(for: "ready", within: .seconds(10))
            // Once more, with a name.
            try await guest.namespace.run(
                "/usr/sbin/udhcpc", "-i", "eth0", "-n", "-q", "-f", "-x", "hostname:vm-1", "-s",
                GuestFiles.root + "/lease",
                environment: [
                    "LEASE_FILE": folder("lease"), "PATH": GuestFiles.root + "/bin", "if_configured": "yes",
                ])
            for index in 0..<3 {
                let port = try port(index, of: serve)
                try await eventually("a forward to the guest", within: .seconds(5)) {
                    try await clients(3, times: 1, of: port, on: serve) == "0 failed\n"
                }
            }
            #expect(echo.isRunning)
            try await serve.stop()
        }

        @Test(.needs(.udhcpc))
        func `clients are refused when the guest has left, and served when it is back`() async throws {
            let published = try await Published(["tcp:0:7"])
            let serve = published.serve
            let port = try port(0, of: serve)
            #expect(try await clients(2, times: 1, of: port, on: serve) == "0 failed\n")
            published.guest.plug?.signal(SIGKILL)
            try await eventually("a forward that waits", within: .seconds(5)) {
                try await clients(1, times: 1, of: port, on: serve) == "1 failed\n"
            }
            let guest = try await NamespaceGuest(
                connectedTo: serve.socket(.stream), .stream, address: Self.station)
            _ = try await guest.acquireLease()
            let echo = try guest.namespace.start([Programs.socketPeer, "echo", "0.0.0.0:7"])
            try await echo.wait(for: "ready", within: .seconds(10))
            #expect(try await clients(2, times: 1, of: port, on: serve) == "0 failed\n")
            #expect(echo.isRunning)
            try await published.serve.stop()
        }

        @Test(.needs(.udhcpc))
        func `what goes through a forward arrives unharmed, each way`() async throws {
            let published = try await Published(["tcp:0:80"])
            let (serve, guest) = (published.serve, published.guest)
            let server = try guest.namespace.start(
                [GuestFiles.root + "/bin/busybox", "httpd", "-f", "-p", "80", "-h", serve.host.web])
            let port = try port(0, of: serve)
            let busybox = GuestFiles.root + "/bin/busybox"
            let blob = serve.host.web + "/blob"
            try await eventually("the guest's web server", within: .seconds(10)) {
                let sockets = try await guest.namespace.run("ss", "-Hlnt")
                return sockets.contains(":80 ")
            }
            let down = try await serve.host.namespace.run(
                "sh", "-c", "\(busybox) wget -q -O - http://127.0.0.1:\(port)/blob | sha256sum", within: .seconds(60))
            #expect(down.prefix(64) == serve.host.blobSHA256)
            let up = try await serve.host.namespace.run(
                "sh", "-c",
                """
                { printf 'POST /cgi-bin/upload HTTP/1.0\\r\\nContent-Length: \(HostNetwork.blobByteCount)\\r\\n\\r\\n'; \
                cat \(blob); } | \(busybox) nc 127.0.0.1 \(port) | tail -1
                """, within: .seconds(60))
            #expect(up.contains(serve.host.blobSHA256), "\(up)")
            #expect(server.isRunning)
            try await published.serve.stop()
        }

        @Test(.needs(.udhcpc))
        func `datagrams reach the guest, and its answers the one who asked`() async throws {
            let published = try await Published(["udp:0:9", "udp:\(HostNetwork.internetAddress):4999:9"])
            let (serve, guest) = (published.serve, published.guest)
            let answerer = try guest.namespace.start([Programs.socketPeer, "answer", "0.0.0.0:9"])
            try await answerer.wait(for: "ready", within: .seconds(10))
            for name in ["127.0.0.1:\(try port(0, of: serve))", "\(HostNetwork.internetAddress):4999"] {
                // The answer says which of the guest's ports has answered, and comes from the forward's.
                #expect(
                    try await serve.host.namespace.run(Programs.socketPeer, "ask", "100", name) == "\(name) 9 100\n")
            }
            #expect(answerer.isRunning)
            try await published.serve.stop()
        }

        @Test(.needs())
        func `a port in use ends it with the reason, and nothing is left`() async throws {
            let host = try await HostNetwork()
            let folder = try TemporaryFolder()
            // A web server of the host's has it.
            let child = try host.namespace.start(
                [try #require(Programs.openvmnet), "serve"] + Serve.network
                    + ["--forward", "tcp:80:80", "--listen", "stream:\(folder("stream.sock"))"],
                environment: Serve.environment(folder))
            let result = try await child.result(within: .seconds(10))
            #expect(result.exit == .status(1))
            #expect(result.errors.contains("127.0.0.1:80"), "\(result.errors)")
            #expect(result.errors.contains("hint: "), "\(result.errors)")
            #expect(!FileManager.default.fileExists(atPath: folder("stream.sock")))
        }

        @Test(.needs())
        func `a command in a namespace is reached through a forward of its own network`() async throws {
            let host = try await HostNetwork()
            let folder = try TemporaryFolder()
            let child = try host.namespace.start(
                [try #require(Programs.openvmnet), "run"] + Serve.network
                    + ["--forward", "tcp:4998:7", "--netns", "--", Programs.socketPeer, "echo", "0.0.0.0:7"],
                environment: Serve.environment(folder))
            try await child.wait(for: "ready", within: .seconds(15))
            let output = try await host.namespace.run(
                Programs.socketPeer, "clients", "5", "1", "127.0.0.1:4998", within: .seconds(30))
            #expect(output == "0 failed\n")
            child.signal(SIGTERM)
            _ = try await child.exit(within: .seconds(10))
        }
    }
}
