import TAPGuest
import Testing
import VmnetWire

extension Integration {
    /// What listens on the host's loopback is for guests only when the person wants it.
    @Suite struct LoopbackTests {
        @Test(.needs(.udhcpc))
        func `with --no-host-loopback the host's loopback services are closed and the Internet is not`() async throws {
            let serve = try await Serve(
                Serve.network + ["--no-host-loopback"], on: HostNetwork(), in: TemporaryFolder())
            let guest = try await NamespaceGuest(
                connectedTo: serve.socket(.stream), .stream, address: "02:00:00:00:00:01")
            _ = try await guest.acquireLease()
            let gateway = try serve.promise.gateway
            #expect(try await !Self.canFetch(from: "\(gateway) 80", in: guest))
            #expect(try await Self.canFetch(from: "\(HostNetwork.internetAddress) 8080", in: guest))
            // The gateway itself still answers, and so does its DNS forwarder.
            #expect(try await guest.canPing(gateway))
            let answer = try await guest.run("nslookup \(HostNetwork.probeName). \(gateway) || true")
            #expect(answer.contains(HostNetwork.probeAddress), "\(answer)")
            try await serve.stop()
        }

        @Test(.needs(.udhcpc), arguments: [[], ["--no-host-loopback"]])
        func `frames to loopback addresses sent through the gateway reach nothing`(options: [String]) async throws {
            let serve = try await Serve(Serve.network + options, on: HostNetwork(), in: TemporaryFolder())
            let guest = try await NamespaceGuest(
                connectedTo: serve.socket(.stream), .stream, address: "02:00:00:00:00:01")
            _ = try await guest.acquireLease()
            // The guest's kernel sends 127/8 over the wire when it has no loopback of its own there.
            try await guest.run(
                """
                ip addr del 127.0.0.1/8 dev lo; echo 1 >/proc/sys/net/ipv4/conf/all/route_localnet; \\
                echo 1 >/proc/sys/net/ipv4/conf/eth0/route_localnet; \\
                ip route del local 127.0.0.0/8 dev lo table local; ip route del local 127.0.0.1 dev lo table local; \\
                ip route add 127.0.0.0/8 via \(serve.promise.gateway) dev eth0
                """)
            #expect(try await guest.run("ip route get 127.0.0.1").contains("dev eth0"))
            #expect(try await !Self.canFetch(from: "127.0.0.1 80", in: guest))
            try await serve.stop()
        }

        /// Whether a web server answers there. (With a time-out, busybox's wget would crash.)
        private static func canFetch(from server: String, in guest: some Guest) async throws -> Bool {
            let request = "printf 'GET /cgi-bin/upload HTTP/1.0\\r\\n\\r\\n'"
            let (_, output) = try await guest.shell("\(request) | nc -w 3 \(server)", within: .seconds(20))
            return output.contains("200 OK")
        }
    }
}
