import TAPGuest
import Testing

extension Integration {
    /// UDP has no connections: a guest's port may talk to anybody, in datagrams of any length.
    @Suite struct DatagramTests {
        private static let addresses = (1...4).map { "203.0.113.\(10 + $0)" }
        private static let servers = addresses.flatMap { address in ["\(address):7001", "\(address):7002"] }

        @Test(.needs(.udhcpc), arguments: SocketKind.allCases)
        func `one port talks to eight servers at once, and each answer comes from whom it was asked of`(
            kind: SocketKind
        ) async throws {
            let serve = try await Serve(on: HostNetwork(), in: TemporaryFolder())
            for address in Self.addresses {
                try await serve.host.namespace.run("ip", "address", "add", "\(address)/32", "dev", "lo")
            }
            let server = try serve.host.namespace.start([Programs.socketPeer, "answer"] + Self.servers)
            try await server.wait(for: "ready", within: .seconds(5))
            let guest = try await NamespaceGuest(
                connectedTo: serve.socket(kind), kind, address: "02:00:00:00:00:01")
            _ = try await guest.acquireLease()
            // The last in three fragments each way.
            for byteCount in [100, 1472, 4000] {
                let client = try guest.namespace.start([Programs.socketPeer, "ask", "\(byteCount)"] + Self.servers)
                let result = try await client.result(within: .seconds(15))
                let expected = Self.servers.map { "\($0) \($0.suffix(4)) \(byteCount)" }
                #expect(Set(result.output.split(separator: "\n")) == Set(expected.map { $0[...] }), "\(result)")
            }
            try await serve.stop()
        }
    }
}
