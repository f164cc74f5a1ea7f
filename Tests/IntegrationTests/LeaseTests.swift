import TAPGuest
import Testing
import VmnetWire

extension Integration {
    /// The addresses of the range are given out, each once, and stay with their guests.
    @Suite struct LeaseTests {
        @Test(.needs(.udhcpc))
        func `nineteen guests get .2 to .20, and the twentieth gets no offer`() async throws {
            let serve = try await Serve(on: HostNetwork(), in: TemporaryFolder())
            let shared = try await Namespace()
            let path = serve.socket(.stream)
            let leases = try await withThrowingTaskGroup(of: (NamespaceGuest, Lease).self) { group in
                for number in 2...20 {
                    group.addTask {
                        let guest = try await Self.guest(number, connectedTo: path, in: shared)
                        return (guest, try await guest.acquireLease())
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(
                leases.map(\.1.address).sorted()
                    == (2...20).map { IPv4Address(bits: 0xc0a8_6900 + UInt32($0)) })

            let late = try await Self.guest(21, connectedTo: path, in: shared)
            let (status, output) = try await late.shell(
                "udhcpc -i \(late.interface) -n -q -t 3 -T 1 -s /bin/true", within: .seconds(10))
            #expect(status == 1)
            #expect(output.contains("no lease") && !output.contains("select for"), "\(output)")
            try await serve.stop()
        }

        @Test(.needs(.udhcpc), arguments: [false, true])
        func `guests keep their addresses over a restart, and a newcomer gets none of them`(
            afterPowerFailure: Bool
        ) async throws {
            let folder = try TemporaryFolder()
            var serve = try await Serve(on: HostNetwork(), in: folder)
            let shared = try await Namespace()
            var before: [IPv4Address] = []
            for number in 2...4 { before.append(try await Self.address(number, on: serve, in: shared)) }
            if afterPowerFailure { try await serve.kill() } else { try await serve.stop() }

            serve = try await Serve(on: serve.host, in: folder)
            let newcomer = try await Self.address(5, on: serve, in: shared)
            #expect(!before.contains(newcomer))
            var after: [IPv4Address] = []
            for number in (2...4).reversed() { after.append(try await Self.address(number, on: serve, in: shared)) }
            #expect(after.reversed() == before)
            try await serve.stop()
        }

        @Test(.needs(.udhcpc))
        func `a reserved address is for its guest, wherever in the subnet it is`() async throws {
            let serve = try await Serve(
                Serve.network + ["--reserve", "02:00:00:00:00:03=192.168.105.200,web"], on: HostNetwork(),
                in: TemporaryFolder())
            let shared = try await Namespace()
            #expect(try await Self.address(2, on: serve, in: shared) == IPv4Address("192.168.105.2"))
            #expect(try await Self.address(3, on: serve, in: shared) == IPv4Address("192.168.105.200"))
            try await serve.stop()
        }

        private static func guest(
            _ number: Int, connectedTo path: String, in shared: Namespace
        ) async throws -> NamespaceGuest {
            let last = String(number, radix: 16)
            return try await NamespaceGuest(
                connectedTo: path, .stream, address: "02:00:00:00:00:\(last)", interface: "tap\(number)",
                sharing: shared, configures: false)
        }

        /// The address that a guest gets who comes, asks and goes.
        private static func address(_ number: Int, on serve: Serve, in shared: Namespace) async throws -> IPv4Address {
            try await guest(number, connectedTo: serve.socket(.stream), in: shared).acquireLease().address
        }
    }
}
