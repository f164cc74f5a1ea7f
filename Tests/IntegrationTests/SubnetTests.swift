import TAPGuest
import Testing

extension Integration {
    /// Networks keep out of each other's addresses, and of the host's.
    @Suite struct SubnetTests {
        @Test(.needs())
        func `networks that start at the same moment choose differently`() async throws {
            let host = try await HostNetwork()
            let folder = try TemporaryFolder()
            let program = try #require(Programs.openvmnet)
            let networks = try (1...4).map { number in
                try host.namespace.start(
                    [
                        program, "serve", "--mode", "host", "--name", "lab\(number)", "--listen",
                        "stream:\(folder("\(number).sock"))",
                    ], environment: Serve.environment(folder))
            }
            var gateways: Set<Substring> = []
            for network in networks {
                try await network.wait(for: "\n", within: .seconds(10))
                gateways.formUnion(network.output.split(separator: "\"").filter { $0.hasSuffix(".1") })
            }
            #expect(gateways.count == 4 && gateways.contains("192.168.128.1"), "\(gateways)")
        }

        @Test(.needs())
        func `a subnet that the host uses is refused with the interface's name, unless it is forced`() async throws {
            let host = try await HostNetwork()
            try await host.namespace.run(
                "sh", "-c",
                """
                ip link add lan type veth peer name wire && ip address add 192.168.105.77/28 dev lan &&
                ip link set lan up && ip link set wire up && ip route add 10.0.0.0/8 dev lan
                """)
            let routed = ["--netdev", "vmnet-host,start-address=10.5.0.1,end-address=10.5.0.9,subnet-mask=255.255.0.0"]
            for network in [Serve.network, routed] {
                let folder = try TemporaryFolder()
                let refused = try await Self.run(network, on: host, in: folder)
                #expect(refused.exit == .status(1))
                #expect(refused.errors.contains(" lan") && refused.errors.contains("--force"), "\(refused.errors)")
                #expect(try await Self.run(["--force"] + network, on: host, in: folder).exit == .status(0))
            }
        }

        @Test(.needs())
        func `a subnet that another network has can be asked for all the same`() async throws {
            let serve = try await Serve(on: HostNetwork(), in: TemporaryFolder())
            let same = try await Self.run(Serve.network, on: serve.host, in: serve.folder)
            #expect(same.exit == .status(0), "\(same.errors)")
            try await serve.stop()
        }

        /// A network that is gone at once.
        private static func run(
            _ options: [String], on host: HostNetwork, in folder: TemporaryFolder
        ) async throws -> Child.Result {
            let child = try host.namespace.start(
                [try #require(Programs.openvmnet), "run"] + options + ["--", "true"],
                environment: Serve.environment(folder))
            return try await child.result(within: .seconds(10))
        }
    }
}
