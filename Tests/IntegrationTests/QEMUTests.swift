import TAPGuest
import Testing

extension Integration {
    /// A person boots a virtual machine on the network, in each of the ways that QEMU offers.
    @Suite struct QEMUTests {
        @Test(.needs(.qemu))
        func `QEMU over a stream socket has everything a guest gets`() async throws {
            let serve = try await Serve(on: HostNetwork(), in: TemporaryFolder())
            let guest = try await QEMU(
                netdev: "stream,server=off,addr.type=unix,addr.path=\(serve.socket(.stream))",
                address: "02:00:00:00:00:01", in: serve.host.namespace)
            try await checkEverything(in: guest, on: serve.promise)
            try await serve.stop()
        }

        @Test(.needs(.qemu))
        func `QEMU over a datagram socket has everything a guest gets`() async throws {
            let serve = try await Serve(on: HostNetwork(), in: TemporaryFolder())
            let guest = try await QEMU(
                netdev: Self.datagrams(from: serve.folder("qemu.dgram"), to: serve.socket(.dgram)),
                address: "02:00:00:00:00:01", in: serve.host.namespace)
            try await checkEverything(in: guest, on: serve.promise)
            try await serve.stop()
        }

        @Test(
            .needs(.qemu),
            arguments: [
                "stream,addr.type=fd,addr.str=3",
                "socket,fd=3",
                "dgram,local.type=fd,local.str=4",
            ])
        func `QEMU under run has everything a guest gets`(netdev: String) async throws {
            let host = try await HostNetwork()
            let folder = try TemporaryFolder()
            let guest = try await QEMU(
                netdev: netdev, address: "02:00:00:00:00:01", in: host.namespace,
                after: [try #require(Programs.openvmnet), "run"] + Serve.network + ["--"],
                environment: Serve.environment(folder))
            try await checkEverything(in: guest, on: Promise(on: host))
            // The network ends with its command, and hands on its status.
            try guest.console.machine.write(line: "poweroff -f")
            #expect(try await guest.console.machine.exit(within: .seconds(10)) == .status(0))
        }

        @Test(.needs(.qemu))
        func `QEMU over a datagram socket is back on the network after the daemon was restarted`() async throws {
            let folder = try TemporaryFolder()
            let serve = try await Serve(on: HostNetwork(), in: folder)
            let guest = try await QEMU(
                netdev: Self.datagrams(from: folder("qemu.dgram"), to: serve.socket(.dgram)),
                address: "02:00:00:00:00:01", in: serve.host.namespace)
            let lease = try await guest.acquireLease()
            try await serve.stop()
            let successor = try await Serve(on: serve.host, in: folder)
            #expect(try await guest.canPing(successor.promise.gateway))
            #expect(try await guest.acquireLease().address == lease.address)
            try await successor.stop()
        }

        /// QEMU's option for the pair of paths that its datagram sockets need.
        static func datagrams(from own: String, to peer: String) -> String {
            "dgram,local.type=unix,local.path=\(own),remote.type=unix,remote.path=\(peer)"
        }
    }
}
