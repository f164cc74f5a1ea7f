import Testing

extension Integration {
    /// A private network for one command.
    @Suite struct RunTests {
        @Test(.needs())
        func `the command finds its sockets on descriptors 3 and 4 and in its environment`() async throws {
            let result = try await Self.run(
                ["sh", "-c", "echo $OPENVMNET_STREAM_FD $OPENVMNET_DGRAM_FD; readlink /proc/$$/fd/3 /proc/$$/fd/4"])
            #expect(result.exit == .status(0), "\(result.errors)")
            let lines = result.output.split(separator: "\n")
            #expect(lines.first == "3 4")
            #expect(
                lines.dropFirst().count == 2 && lines.dropFirst().allSatisfy { $0.hasPrefix("socket:") }, "\(lines)")
        }

        @Test(.needs(), arguments: [("exit 0", 0), ("exit 7", 7), ("kill -TERM $$", 143), ("kill -KILL $$", 137)])
        func `run ends with its command's status`(script: String, status: Int32) async throws {
            #expect(try await Self.run(["sh", "-c", script]).exit == .status(status))
        }

        @Test(.needs())
        func `a command that does not exist is named`() async throws {
            let result = try await Self.run(["/nonexistent/program"])
            #expect(result.exit == .status(127))
            #expect(result.errors.contains("/nonexistent/program"), "\(result.errors)")
        }

        @Test(.needs())
        func `a command in a namespace does not pace its connections`() async throws {
            let given = try await Namespace().congestionControl()
            let result = try await Self.run(
                ["cat", "/proc/sys/net/ipv4/tcp_congestion_control"], inNamespace: true)
            #expect(result.exit == .status(0), "\(result.errors)")
            #expect(result.output == (given.hasPrefix("bbr") ? "reno" : given) + "\n")
        }

        private static func run(_ command: [String], inNamespace: Bool = false) async throws -> Child.Result {
            let host = try await HostNetwork()
            let folder = try TemporaryFolder()
            let child = try host.namespace.start(
                [try #require(Programs.openvmnet), "run"] + Serve.network + (inNamespace ? ["--netns"] : []) + ["--"]
                    + command,
                environment: Serve.environment(folder))
            return try await child.result(within: .seconds(10))
        }
    }
}
