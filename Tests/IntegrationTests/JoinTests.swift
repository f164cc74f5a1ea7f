import Foundation
import TAPGuest
import Testing
import VmnetWire

extension Integration {
    /// `run --network`: a command is a guest of a network that runs.
    @Suite struct JoinTests {
        @Test(.needs())
        func `two commands in namespaces of their own reach each other on one network`() async throws {
            let serve = try await Serve(on: HostNetwork(), in: TemporaryFolder())
            let first = try serve.start(verb: [
                "run", "--network", "shared", "--netns", "--", "sh", "-c", "echo up; exec sleep 600",
            ])
            try await first.wait(for: "up", within: .seconds(20))
            let result = try await serve.verb(
                "run", "--network", "shared", "--netns", "--", "sh", "-c",
                "busybox ip -4 -o address show dev eth0; busybox ping -c 2 -W 5 192.168.105.2 && busybox ping -c 1 -W 5 192.168.105.1; exit $?",
                within: .seconds(30))
            #expect(result.exit == .status(0), "\(result.output)\(result.errors)")
            #expect(result.output.contains("192.168.105.3/24"), "\(result.output)")
            // The second has left; the first leaves with its command.
            #expect(try await Self.guests(of: serve) == ["run --netns"])
            first.signal(15)
            #expect(try await first.exit(within: .seconds(10)) == .status(143))
            #expect(try await Self.guests(of: serve) == [])
            try await serve.stop()
        }

        @Test(.needs())
        func `a command finds sockets of the network on descriptors 3 and 4, and nothing is left of it`() async throws {
            let serve = try await Serve(on: HostNetwork(), in: TemporaryFolder())
            let command = try serve.start(verb: [
                "run", "--network", "shared", "--", "sh", "-c",
                "readlink /proc/$$/fd/3 /proc/$$/fd/4; echo up; exec sleep 600",
            ])
            try await command.wait(for: "up", within: .seconds(10))
            #expect(command.output.split(separator: "\n").count { $0.hasPrefix("socket:") } == 2, "\(command.output)")
            #expect(try await Self.guests(of: serve) == ["run fd 3", "run fd 4"])
            // Even when nobody can say goodbye.
            command.signalGroup(9)
            try await eventually("the guests' leaving", within: .seconds(10)) {
                try await Self.guests(of: serve) == []
            }
            try await serve.stop()
        }

        @Test(.needs())
        func `an isolated command reaches the gateway only`() async throws {
            let serve = try await Serve(on: HostNetwork(), in: TemporaryFolder())
            let first = try serve.start(verb: [
                "run", "--network", "shared", "--netns", "--", "sh", "-c", "echo up; exec sleep 600",
            ])
            try await first.wait(for: "up", within: .seconds(20))
            let result = try await serve.verb(
                "run", "--network", "shared", "--isolated", "--netns", "--", "sh", "-c",
                "busybox ping -c 1 -W 5 192.168.105.1 && ! busybox ping -c 2 -W 1 192.168.105.2", within: .seconds(30))
            #expect(result.exit == .status(0), "\(result.output)\(result.errors)")
            try await serve.stop()
        }

        @Test(.needs())
        func `options of a network that runs are refused`() async throws {
            let folder = try TemporaryFolder()
            for options in [
                ["--mode", "shared"], ["--mtu", "1400"], ["--netdev", "vmnet-shared"], ["--no-host-loopback"],
            ] {
                let child = try Child(
                    [try #require(Programs.openvmnet), "run", "--network", "lab"] + options + ["--", "true"],
                    environment: Serve.environment(folder))
                let result = try await child.result(within: .seconds(10))
                #expect(result.exit == .status(2) && result.errors.contains("'lab'"), "\(options): \(result)")
            }
        }

        /// Where the guests came from that came by passed descriptor.
        private static func guests(of serve: Serve) async throws -> [String] {
            let status = try object(try await serve.verb("status", "--json").output)
            return (status["ports"] as? [[String: Any]] ?? []).compactMap { $0["transport"] as? String }
                .filter { $0.hasPrefix("run") }
        }
    }
}
