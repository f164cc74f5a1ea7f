import TAPGuest
import Testing
import VmnetWire

extension Integration {
    /// A network that a UUID names, without a DHCP server.
    @Suite struct PrivateNetworkTests {
        private static let identifier = "3c1f9d2e-5b7a-4e0c-9a41-0d8e6f7b2c35"

        @Test(.needs(.tcpdump))
        func `guests with addresses of their own reach each other, and there is nobody else`() async throws {
            let host = try await HostNetwork()
            let folder = try TemporaryFolder()
            let guests = [try await Namespace(), try await Namespace()]
            let serve = try await Self.serve(["--net-uuid", Self.identifier], guests, on: host, in: folder)
            let ready = serve.output
            #expect(ready.contains("\"vmnet_network_identifier\":\"\(Self.identifier.uppercased())\""), "\(ready)")
            #expect(!ready.contains("_address"), "\(ready)")
            for (index, guest) in guests.enumerated() {
                try await guest.run("ip", "address", "add", "10.9.0.\(index + 1)/24", "dev", "eth0")
                try await guest.run("ip", "link", "set", "eth0", "up")
            }
            let guest = try NamespaceGuest(in: guests[0], interface: "eth0")
            let log = try await FrameLog(on: "eth0", in: guests[0], ["-Q", "in"], filter: "arp")
            #expect(try await guest.canPing(IPv4Address(bits: 0x0a09_0002)))
            #expect(try await guest.shell("ping -c 1 -W 1 10.9.0.3", within: .seconds(5)).status != 0)
            // The other guest's answer, and perhaps its own question.
            #expect(try await log.finish().allSatisfy { $0.contains("10.9.0.2") })
        }

        @Test(.needs())
        func `the host is in it at the address that it was given`() async throws {
            let host = try await HostNetwork()
            let folder = try TemporaryFolder()
            let namespace = try await Namespace()
            let options = ["--net-uuid", Self.identifier, "--host-ip", "10.9.0.100", "--host-mask", "255.255.255.0"]
            let serve = try await Self.serve(options, [namespace], on: host, in: folder)
            let ready = serve.output
            #expect(ready.contains("\"vmnet_host_ip_address\":\"10.9.0.100\""), "\(ready)")
            #expect(ready.contains("\"vmnet_host_subnet_mask\":\"255.255.255.0\""), "\(ready)")
            let guest = try NamespaceGuest(in: namespace, interface: "eth0")
            try await guest.run("ip address add 10.9.0.1/24 dev eth0; ip link set eth0 up")
            #expect(try await guest.canPing(IPv4Address(bits: 0x0a09_0064)))
            let digest = try await guest.run("wget -q -O - http://10.9.0.100/blob | sha256sum", within: .seconds(60))
            #expect(digest.hasPrefix(host.blobSHA256), "\(digest)")
            #expect(serve.isRunning)
        }

        @Test(.needs())
        func `a second process with the same UUID is refused`() async throws {
            let host = try await HostNetwork()
            let folder = try TemporaryFolder()
            let first = try await Self.serve(
                ["--net-uuid", Self.identifier], [try await Namespace()], on: host, in: folder)
            let program = try #require(Programs.openvmnet)
            let options = ["--mode", "host", "--net-uuid", Self.identifier.uppercased()]
            for command in [
                [program, "serve", "--name", "other", "--listen", "stream:\(folder("other.sock"))"] + options,
                [program, "run"] + options + ["--", "true"],
            ] {
                let second = try host.namespace.start(command, environment: Serve.environment(folder))
                let result = try await second.result(within: .seconds(10))
                #expect(result.exit == .status(1))
                #expect(result.errors.contains(Self.identifier.uppercased()), "\(result.errors)")
            }
            #expect(first.isRunning)
        }

        @Test(.needs())
        func `a command joins it by its UUID in either case, and no namespace that wants a lease`() async throws {
            let host = try await HostNetwork()
            let folder = try TemporaryFolder()
            let serve = try await Self.serve(
                ["--net-uuid", Self.identifier], [try await Namespace()], on: host, in: folder)
            let program = try #require(Programs.openvmnet)
            func run(_ arguments: String...) async throws -> Child.Result {
                let child = try host.namespace.start(
                    [program, "run", "--network", Self.identifier] + arguments,
                    environment: Serve.environment(folder))
                return try await child.result(within: .seconds(10))
            }
            #expect(try await run("--", "true").exit == .status(0))
            let refusal = try await run("--netns", "--", "true")
            #expect(refusal.exit == .status(2))
            #expect(refusal.errors.contains("no DHCP server"), "\(refusal.errors)")
            #expect(serve.isRunning)
        }

        /// A private network that is ready, whose guests are TAPs in the namespaces.
        private static func serve(
            _ options: [String], _ guests: [Namespace], on host: HostNetwork, in folder: TemporaryFolder
        ) async throws -> Child {
            let child = try host.namespace.start(
                [try #require(Programs.openvmnet), "serve", "--mode", "host"] + options
                    + guests.flatMap { ["--listen", "tap:eth0@\($0.path)"] },
                environment: Serve.environment(folder))
            try await child.wait(for: "\n", within: .seconds(10))
            return child
        }
    }
}
