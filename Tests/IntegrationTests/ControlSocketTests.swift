import Foundation
import TAPGuest
import Testing

extension Integration {
    /// A running network is asked and changed through its control socket, with curl.
    @Suite struct ControlSocketTests {
        @Test(.needs(.curl, .udhcpc))
        func `curl gets each document, with what a guest has done`() async throws {
            let serve = try await Serve(on: HostNetwork(), in: TemporaryFolder())
            let guest = try await NamespaceGuest(
                connectedTo: serve.socket(.stream), .stream, address: "02:00:00:00:00:01")
            let lease = try await guest.acquireLease()

            let status = try object(try await Self.ok(serve, "/v1/status"))
            #expect(status["version"] as? Int == 1 && status["name"] as? String == "shared")
            #expect(status["pid"] as? Int == Int(serve.child.pid) && status["guests"] as? Int == 2)
            #expect(status["start_address"] as? String == serve.announcement.startAddress)
            #expect(status["listen"] as? [String] == serve.announcement.listen)

            // The datagram socket's guest, who has not come yet, and the stream socket's.
            let ports = try object(try await Self.ok(serve, "/v1/ports"))["ports"] as? [[String: Any]] ?? []
            let port = try #require(ports.first { ($0["macs"] as? [String]) == ["02:00:00:00:00:01"] })
            #expect(port["uuid"] as? String == "81D639E3-D9DD-8636-82C3-B8525C9BBCF5")
            #expect(port["addresses"] as? [String] == ["\(lease.address)"])
            #expect(port["transport"] as? String == "stream:\(serve.socket(.stream))")

            let leases = try object(try await Self.ok(serve, "/v1/leases"))["leases"] as? [[String: Any]]
            #expect(leases?.first?["address"] as? String == "\(lease.address)")
            let entries = try object(try await Self.ok(serve, "/v1/forwarding"))["entries"] as? [[String: Any]]
            #expect(entries?.first?["mac"] as? String == "02:00:00:00:00:01")

            let metrics = try await Self.ok(serve, "/metrics")
            let id = try #require(port["id"] as? String)
            for line in [
                "openvmnet_network_guests{network=\"shared\"} 2", "openvmnet_network_leases{network=\"shared\"} 1",
            ] {
                #expect(metrics.contains("\n\(line)\n"), "\(line)")
            }
            #expect(metrics.contains("\nopenvmnet_port_received_frames_total{network=\"shared\",port=\"\(id)\"} "))

            // The guest's connection ends when it is taken off the network.
            #expect(try await serve.curl("/v1/ports/\(id)", "-X", "DELETE").status == 204)
            let plug = try #require(guest.plug)
            try await eventually("the end of the guest's connection", within: .seconds(10)) { !plug.isRunning }
            #expect(try await serve.curl("/v1/ports/\(id)", "-X", "DELETE").status == 404)
            try await serve.stop()
        }

        @Test(.needs(.curl))
        func `what is wrong is refused in JSON, and the network goes on`() async throws {
            let serve = try await Serve(on: HostNetwork(), in: TemporaryFolder())
            let big = serve.folder("big")
            try Data(count: 8 << 20).write(to: URL(fileURLWithPath: big))
            for (path, options, status) in [
                ("/v2/status", [], 404), ("/v1/status", ["-X", "POST", "-d", "{"], 405),
                ("/v1/ports/seven", ["-X", "DELETE"], 400), ("/v1/ports/99", ["-X", "DELETE"], 404),
                ("/v1/status", ["-X", "POST", "--data-binary", "@\(big)"], 413),
                ("/v1/status", ["-X", "POST", "-H", "Transfer-Encoding: chunked", "--data-binary", "@\(big)"], 413),
            ] as [(String, [String], Int)] {
                let child = try Child(
                    ["curl", "-s", "-w", "\n%{http_code}", "--unix-socket", serve.announcement.control] + options
                        + ["http://localhost\(path)"])
                let output = try await child.result(within: .seconds(15)).output.split(separator: "\n")
                #expect(output.last == "\(status)", "\(path) \(options)")
                let error = try object(String(output.first ?? ""))["error"] as? [String: Any]
                #expect(error?["message"] is String, "\(output)")
            }
            #expect(ProcessFigures(of: serve.child.pid).residentKiB < 30 << 10)
            try await serve.stop()
        }

        @Test(.needs(.udhcpc))
        func `only this user connects, by the file system, and no guest`() async throws {
            let serve = try await Serve(on: HostNetwork(), in: TemporaryFolder())
            let directory = serve.folder("openvmnet")
            for (path, mode) in [
                (directory, 0o700), (serve.announcement.control, 0o600), ("\(directory)/shared.attach", 0o600),
            ] {
                let attributes = try FileManager.default.attributesOfItem(atPath: path)
                #expect(attributes[.posixPermissions] as? Int == mode, "\(path)")
            }
            // The daemon listens at no address that a guest could reach.
            let sockets = try await serve.host.namespace.run("ss", "-Hlntup")
            #expect(!sockets.contains("openvmnet") && !sockets.contains("pid=\(serve.child.pid),"), "\(sockets)")
            try await serve.stop()
            #expect(!FileManager.default.fileExists(atPath: serve.announcement.control))
        }

        @Test(.needs(.curl, .udhcpc))
        func `a hundred clients that say nothing hold up neither guests nor other clients`() async throws {
            let serve = try await Serve(on: HostNetwork(), in: TemporaryFolder())
            let idlers = try (0..<100).map { _ in try UnixSocket(connectingTo: serve.announcement.control, .stream) }
            #expect(try await serve.curl("/v1/status").status == 200)
            let guest = try await NamespaceGuest(
                connectedTo: serve.socket(.stream), .stream, address: "02:00:00:00:00:01")
            _ = try await guest.acquireLease()
            #expect(try await guest.canPing(serve.promise.gateway))
            withExtendedLifetime(idlers) {}
            try await serve.stop()
        }

        private static func ok(_ serve: Serve, _ path: String) async throws -> String {
            let (status, body) = try await serve.curl(path)
            #expect(status == 200, "\(path)")
            return body
        }
    }
}
