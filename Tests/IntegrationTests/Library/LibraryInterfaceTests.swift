import Testing

extension Integration {
    /// Interfaces of one process: what they are told, and whom they reach.
    @Suite(.needs(.installed, .clang, .pkgConfig)) struct LibraryInterfaceTests {
        @Test func `interfaces with the same addresses meet`() async throws {
            try await checkPromise("interfaces/interfaces-meet")
        }

        @Test func `interfaces without addresses meet in their mode`() async throws {
            try await checkPromise("interfaces/default-networks-meet")
        }

        @Test func `interfaces with other addresses or identifiers are apart`() async throws {
            try await checkPromise("interfaces/networks-are-separate")
        }

        @Test func `isolated interfaces have the gateway and nobody else`() async throws {
            try await checkPromise("interfaces/isolation")
        }

        @Test func `interfaces come and go while others work`() async throws {
            try await checkPromise("interfaces/hot-plug")
        }

        @Test func `every function can be called on every thread at once`() async throws {
            try await checkPromise("interfaces/every-thread-at-once")
        }

        @Test func `the same id has the same MAC address`() async throws {
            try await checkPromise("interfaces/same-identity")
        }

        @Test func `the same id has the same lease`() async throws {
            try await checkPromise("interfaces/lease")
        }

        @Test func `keys and numbers are macOS's`() async throws {
            try await checkPromise("interfaces/keys")
        }

        @Test func `a shared interface is told macOS's parameters`() async throws {
            let parameters = try await parameters("shared")
            let prefix = try #require(parameters["vmnet_nat66_prefix"])
            #expect(prefix.wholeMatch(of: /"fd[0-9a-f:]+::"/) != nil, "\(prefix)")
            #expect(parameters.filter { $0.key != "vmnet_nat66_prefix" } == Self.host)
        }

        @Test func `a host interface is told macOS's parameters`() async throws {
            #expect(try await parameters("host") == Self.host)
        }

        @Test func `an interface of a private network is told macOS's parameters`() async throws {
            let addresses = [
                "vmnet_start_address": "\"0.0.0.0\"", "vmnet_end_address": "\"255.255.255.254\"",
                "vmnet_subnet_mask": "\"0.0.0.0\"",
            ]
            #expect(try await parameters("private") == Self.host.merging(addresses) { $1 })
        }

        @Test func `a network that another process has is contended`() async throws {
            let host = try await Namespace()
            let folder = try TemporaryFolder()
            let other = try host.start(
                [try #require(Programs.openvmnet), "serve"] + Serve.network + ["--listen", "stream:\(folder("sock"))"],
                environment: Serve.environment(folder))
            try await other.wait(for: "\n", within: .seconds(10))
            let result = try await checkPromise(
                "interfaces/contention", "192.168.105.1", "192.168.105.20", on: host,
                environment: Serve.environment(folder))
            #expect(result.errors.contains("192.168.105"), "\(result.errors)")
        }

        @Test func `addresses that the host uses are contended`() async throws {
            let host = try await Namespace()
            try await host.run("ip", "address", "add", "192.168.120.7/24", "dev", "lo")
            let result = try await checkPromise("interfaces/contention", "192.168.120.1", "192.168.120.20", on: host)
            #expect(result.errors.contains("192.168.120"), "\(result.errors)")
        }

        @Test(.needs(.root)) func `bridged mode is refused to those who may not`() async throws {
            let host = try await Namespace()
            try await host.run("ip", "link", "add", "lan0", "type", "veth", "peer", "name", "lan1")
            for name in ["lan0", "lan1"] { try await host.run("ip", "link", "set", name, "up") }
            let result = try await checkPromise(
                "interfaces/bridged-without-privilege", "lan0", on: host,
                after: ["setpriv", "--bounding-set", "-net_raw", "--inh-caps", "-net_raw"])
            #expect(result.errors.contains("lan0"), "\(result.errors)")
        }

        /// What a macOS 26.5 host says, with the addresses of these programs; but the ids.
        private static let host = [
            "vmnet_start_address": "\"192.168.105.1\"", "vmnet_end_address": "\"192.168.105.20\"",
            "vmnet_subnet_mask": "\"255.255.255.0\"", "vmnet_mtu": "1500", "vmnet_max_packet_size": "1514",
            "vmnet_read_max_packets": "256", "vmnet_write_max_packets": "256",
        ]

        private func parameters(_ mode: String) async throws -> [String: String] {
            let output = try await checkPromise("interfaces/parameters", mode).output
            let parameters = Dictionary(
                output.split(separator: "\n").map { $0.split(separator: " ", maxSplits: 1).map(String.init) }
                    .map { ($0[0], $0[1]) }, uniquingKeysWith: { $1 })
            #expect(parameters["vmnet_interface_id"] == "uuid")
            let address = try #require(parameters["vmnet_mac_address"])
            #expect(address.wholeMatch(of: /"([0-9a-f]{2}:){5}[0-9a-f]{2}"/) != nil, "\(address)")
            return parameters.filter { $0.key != "vmnet_interface_id" && $0.key != "vmnet_mac_address" }
        }
    }
}
