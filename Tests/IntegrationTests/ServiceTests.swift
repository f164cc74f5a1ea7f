import Foundation
import Glibc
import TAPGuest
import Testing
import VmnetWire

extension Integration {
    /// A service manager listens for `serve`, knows when guests can attach, and keeps their connections over a restart.
    @Suite struct ServiceTests {
        private let folder: TemporaryFolder
        private let manager: ServiceManager

        init() throws {
            folder = try TemporaryFolder()
            manager = try ServiceManager(hearingAt: folder("notify"))
        }

        private func start(on host: HostNetwork, _ options: [String] = []) async throws -> Serve {
            try await Serve(
                Serve.network + ["--name", "lab"] + options, listening: [], on: host, in: folder,
                after: manager.prefix, inheriting: manager.passed)
        }

        @Test(.needs(), arguments: [false, true])
        func `the service manager is told when guests can attach, and when the network ends`(
            isAbstract: Bool
        ) async throws {
            let folder = try TemporaryFolder()
            let manager = try ServiceManager(
                hearingAt: isAbstract
                    ? "@openvmnet-tests.\(getpid()).\(UInt32.random(in: 0 ... .max))" : folder("notify"))
            // An abstract address belongs to a network namespace.
            let child = try Child(
                manager.prefix + [try #require(Programs.openvmnet), "serve", "--listen", "stream:\(folder("s"))"],
                environment: Serve.environment(folder))
            try await manager.wait(for: "READY=1")
            #expect(manager.lines.contains { $0.hasPrefix("STATUS=") && $0.contains("stream:\(folder("s"))") })
            _ = try UnixSocket(connectingTo: folder("s"), .stream)
            #expect(!manager.lines.contains("STOPPING=1"))
            child.signal(SIGTERM)
            try await manager.wait(for: "STOPPING=1")
            #expect(try await child.exit(within: .seconds(10)) == .status(0))
        }

        @Test(.needs())
        func `a service manager that is not there is a failure`() async throws {
            let child = try Child(
                [try #require(Programs.openvmnet), "serve", "--listen", "stream:\(folder("s"))"],
                environment: Serve.environment(folder).merging(["NOTIFY_SOCKET": folder("nobody")]) { $1 })
            let result = try await child.result(within: .seconds(10))
            #expect(result.exit == .status(1))
            #expect(result.errors.contains("NOTIFY_SOCKET"), "\(result.errors)")
        }

        @Test(.needs(.udhcpc), arguments: SocketKind.allCases)
        func `guests attach at passed sockets beside others, which stay when the network is killed`(
            kind: SocketKind
        ) async throws {
            let path = folder("passed")
            try manager.listen(kind, at: path)
            let serve = try await start(on: HostNetwork(), ["--listen", "stream:\(folder("own"))"])
            #expect(serve.announcement.listen == ["\(kind.rawValue):\(path)", "stream:\(folder("own"))"])
            let gateway = try serve.promise.gateway
            // One of datagrams is connected to the socket, and no more notices the restart than one of records.
            let guest = try await NamespaceGuest(
                connectedTo: path, kind, address: "02:00:00:00:00:01", reconnects: kind == .stream)
            let lease = try await guest.acquireLease()
            #expect(try await guest.canPing(gateway))
            _ = try UnixSocket(connectingTo: folder("own"), .stream)
            if kind != .dgram { try await manager.wait(for: "FDSTORE=1") }
            try await serve.kill()
            #expect(FileManager.default.fileExists(atPath: path))

            let successor = try await start(on: serve.host)
            if kind == .stream { try await manager.wait(for: "FDSTOREREMOVE=1") }
            try await eventually("the gateway's answer", within: .seconds(20)) {
                try await guest.shell("ping -c 1 -W 1 \(gateway)", within: .seconds(5)).status == 0
            }
            #expect(try await guest.acquireLease().address == lease.address)
            try await successor.stop()
            #expect(FileManager.default.fileExists(atPath: path))
        }

        @Test(.needs(.udhcpc))
        func `streams go on over restarts as if nothing had been, in the middle of a transfer`() async throws {
            try manager.listen(.stream, at: folder("passed"))
            var serve = try await start(on: HostNetwork())
            let server = try await NamespaceGuest(
                connectedTo: folder("passed"), .stream, address: "02:00:00:00:00:01")
            let client = try await NamespaceGuest(
                connectedTo: folder("passed"), .stream, address: "02:00:00:00:00:02")
            let address = try await server.acquireLease().address
            _ = try await client.acquireLease()
            let busybox = GuestFiles.root + "/bin/busybox"
            let httpd = try server.namespace.start([busybox, "httpd", "-f", "-p", "8080", "-h", serve.host.web])
            try await eventually("the guest's web server", within: .seconds(5)) {
                try await server.run("netstat -lnt").contains(":8080 ")
            }
            let download = try client.namespace.start(
                ["sh", "-c", "wget -q -O - http://\(address):8080/blob | sha256sum"],
                environment: ["PATH": "\(GuestFiles.root)/bin"])
            for _ in 0..<3 {
                try await client.waitForTraffic()
                try await serve.stop()
                #expect(manager.storedNames.count == 2)
                serve = try await start(on: serve.host)
            }
            #expect(try await download.result(within: .seconds(60)).output.hasPrefix(serve.host.blobSHA256))
            #expect(httpd.isRunning)
            for guest in [server, client] { #expect(guest.plug?.isRunning == true) }
            try await serve.stop()
        }

        @Test(.needs(.udhcpc))
        func `a stream whose daemon was killed is closed, since nobody knows where it was cut`() async throws {
            try manager.listen(.stream, at: folder("passed"))
            let serve = try await start(on: HostNetwork())
            let guest = try UnixSocket(connectingTo: folder("passed"), .stream)
            _ = try resolveGateway(over: guest)
            try await manager.wait(for: "FDSTORE=1")
            try await serve.kill()
            #expect(!guest.isReadable(within: 100))

            let successor = try await start(on: serve.host)
            try await manager.wait(for: "FDSTOREREMOVE=1")
            #expect(manager.storedNames.isEmpty)
            #expect(guest.isReadable(within: 5000))
            #expect(try guest.receive(upTo: 1).isEmpty)
            try await successor.stop()
        }

        @Test(.needs(.udhcpc))
        func `a guest that leaves is kept no longer`() async throws {
            try manager.listen(.bess, at: folder("passed"))
            let serve = try await start(on: HostNetwork())
            do {
                let guest = try UnixSocket(connectingTo: folder("passed"), .bess)
                _ = try resolveGateway(over: guest)
                try await manager.wait(for: "FDSTORE=1")
                #expect(manager.storedNames == ["guest-1"])
            }
            try await manager.wait(for: "FDSTOREREMOVE=1")
            #expect(manager.storedNames.isEmpty)
            try await serve.stop()
        }

        @Test(.needs(.udhcpc))
        func `a guest that was isolated stays so when the network is killed`() async throws {
            let options = ["--listen", "bess:\(folder("walled")),isolated"]
            let serve = try await start(on: HostNetwork(), options)
            let guest = try UnixSocket(connectingTo: folder("walled"), .bess)
            _ = try resolveGateway(over: guest)
            try await manager.wait(for: "FDSTORE=1")
            #expect(manager.storedNames == ["guest-isolated-1"])
            try await serve.kill()

            let successor = try await start(on: serve.host, options)
            _ = try resolveGateway(over: guest)
            #expect(try await successor.curl("/v1/ports").body.contains("\"isolated\":true"))
            try await successor.stop()
        }

        @Test(.needs(.udhcpc, .root))
        func `a TAP interface stays with its guest when the network is killed`() async throws {
            let namespace = try await Namespace()
            let options = ["--listen", "tap:vm0@\(namespace.path)"]
            let serve = try await start(on: HostNetwork(), options)
            let guest = try NamespaceGuest(in: namespace, interface: "vm0")
            _ = try await guest.acquireLease()
            try await manager.wait(for: "FDSTORE=1")
            try await serve.kill()
            let index = try await guest.run("cat /sys/class/net/vm0/ifindex || ip link show vm0")
            let successor = try await start(on: serve.host, options)
            #expect(try await guest.canPing(successor.promise.gateway))
            #expect(try await guest.run("cat /sys/class/net/vm0/ifindex || ip link show vm0") == index)
            try await successor.stop()
        }

        @Test(.needs(.systemd), arguments: [SocketKind.stream, .bess])
        func `systemd's own socket activation starts the network for the first guest`(kind: SocketKind) async throws {
            let path = folder("activated")
            let activation = try Child(
                ["systemd-socket-activate", "--listen", path] + (kind == .bess ? ["--seqpacket"] : []) + [
                    try #require(Programs.openvmnet), "serve",
                ] + Serve.network, environment: Serve.environment(folder))
            try await eventually("the socket", within: .seconds(10)) { FileManager.default.fileExists(atPath: path) }
            let guest = try UnixSocket(connectingTo: path, kind)
            _ = try resolveGateway(over: guest)
            activation.signal(SIGTERM)
            #expect(try await activation.exit(within: .seconds(10)) == .status(0))
        }
    }
}
