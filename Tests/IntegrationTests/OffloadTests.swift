import TAPGuest
import Testing
import VmnetWire

extension Integration {
    /// A TAP interface at MTU 1500 whose kernel leaves the cutting of segments to the network, and the other way round.
    @Suite struct OffloadTests {
        @Test(.needs(.udhcpc))
        func `segments cross a TAP many at a time, and pings larger than the MTU in fragments`() async throws {
            let (serve, guest) = try await Self.guest()
            let promise = try serve.promise
            try await checkEverything(in: guest, on: promise)
            try await Self.checkFrames(of: guest)
            let (status, output) = try await guest.shell(
                "ping -c 3 -i 0.2 -W 2 -s 4000 \(promise.gateway)", within: .seconds(15))
            #expect(status == 0, "\(output)")
            try await serve.stop()
        }

        @Test(.needs())
        func `the same over IPv6`() async throws {
            let (serve, guest) = try await Self.guest(["--nat66-prefix", "fd00:77::"])
            // Without a lease: the client's script would flush the address that the router advertises.
            try await guest.namespace.run("ip", "link", "set", "dev", "eth0", "up")
            try await eventually("an address by router advertisement", within: .seconds(20)) {
                let addresses = try await guest.namespace.run("ip", "-6", "address", "show", "dev", "eth0")
                return addresses.contains("fd00:77:") && !addresses.contains("tentative")
            }
            let host = serve.host.namespace
            let server = try Self.startWebServer(in: host, folder: serve.folder, at: "[::1]:8081")
            let blob = serve.folder("blob")
            try await host.run("sh", "-c", "head -c \(HostNetwork.blobByteCount) /dev/urandom >\(blob)")
            let digest = try await host.run("sha256sum", blob).prefix(64)
            let output = try await guest.run(
                """
                export BLOB=/tmp/blob.$$; \
                wget -q -O $BLOB http://[fd00:77::2]:8081/blob && sha256sum <$BLOB && \
                nc fd00:77::2 8081 -e upload; cat $BLOB.answer; rm $BLOB $BLOB.answer
                """, within: .seconds(60))
            #expect(output.split(separator: digest, omittingEmptySubsequences: false).count == 3, "\(output)")
            try await Self.checkFrames(of: guest)
            server.signal(9)
            try await serve.stop()
        }

        @Test(.needs(.udhcpc))
        func `two guests exchange segments as their kernels made them`() async throws {
            let other = try await Namespace()
            let (serve, guest) = try await Self.guest(["--listen", "tap:eth0@\(other.path)"])
            let peer = try NamespaceGuest(in: other, interface: "eth0")
            _ = try await guest.acquireLease()
            let address = try await peer.acquireLease().address
            let server = try Self.startWebServer(in: other, folder: serve.folder, at: "\(address):8081")
            let blob = serve.folder("blob")
            try await other.run("sh", "-c", "head -c \(HostNetwork.blobByteCount) /dev/urandom >\(blob)")
            let digest = try await other.run("sha256sum", blob).prefix(64)
            let output = try await guest.run(
                "wget -q -O - http://\(address):8081/blob | sha256sum", within: .seconds(60))
            #expect(output.hasPrefix(digest), "\(output)")
            #expect(try await Self.meanByteCounts(of: peer).sent > 3000)
            server.signal(9)
            try await serve.stop()
        }

        @Test(.needs())
        func `a namespace that is nothing but a guest does not pace its connections`() async throws {
            let namespace = try await Namespace()
            let unpaced =
                try await namespace.congestionControl().hasPrefix("bbr") ? "reno" : namespace.congestionControl()
            let serve = try await Serve(
                Serve.network + ["--listen", "tap:eth0@\(namespace.path)"], on: HostNetwork(), in: TemporaryFolder())
            #expect(try await namespace.congestionControl() == unpaced)
            try await serve.stop()
        }

        @Test(.needs())
        func `a namespace with another way out keeps its congestion control`() async throws {
            let namespace = try await Namespace()
            let given = try await namespace.congestionControl()
            try await namespace.run("ip", "link", "add", "other", "type", "veth", "peer", "name", "end")
            try await namespace.run("ip", "link", "set", "other", "up")
            let serve = try await Serve(
                Serve.network + ["--listen", "tap:eth0@\(namespace.path)"], on: HostNetwork(), in: TemporaryFolder())
            #expect(try await namespace.congestionControl() == given)
            try await serve.stop()
        }
    }
}

extension Integration.OffloadTests {
    /// A network with a guest on a TAP.
    private static func guest(_ options: [String] = []) async throws -> (Serve, NamespaceGuest) {
        let namespace = try await Namespace()
        let serve = try await Serve(
            Serve.network + ["--listen", "tap:eth0@\(namespace.path)"] + options, on: HostNetwork(),
            in: TemporaryFolder())
        return (serve, try NamespaceGuest(in: namespace, interface: "eth0"))
    }

    /// Serves what is in the folder, and takes uploads.
    private static func startWebServer(
        in namespace: Namespace, folder: TemporaryFolder, at address: String
    ) throws -> Child {
        let script = "#!/bin/sh\\nprintf \"Content-Type: text/plain\\\\r\\\\n\\\\r\\\\n\"\\nexec sha256sum\\n"
        return try namespace.start([
            "sh", "-c",
            """
            mkdir -p \(folder.path)/cgi-bin && cd \(folder.path) && printf '\(script)' >cgi-bin/upload && \
            chmod 755 cgi-bin/upload && exec \(GuestFiles.root)/bin/busybox httpd -f -p \(address) -h \(folder.path)
            """,
        ])
    }

    /// Frames longer than the MTU have passed in both directions, after transfers both ways.
    static func checkFrames(of guest: NamespaceGuest) async throws {
        let mean = try await meanByteCounts(of: guest)
        // Half of the frames each way are acknowledgements of the other way's.
        #expect(mean.received > 3000)
        #expect(mean.sent > 3000)
    }

    /// The mean length of the frames that the guest's kernel has received and sent, in bytes.
    private static func meanByteCounts(of guest: NamespaceGuest) async throws -> (received: Int, sent: Int) {
        let table = try await guest.namespace.run("cat", "/proc/self/net/dev")
        let line = try #require(table.split(separator: "\n").first { $0.contains("eth0:") })
        let numbers = line.split { $0 == " " || $0 == ":" }.dropFirst().compactMap { Int($0) }
        try #require(numbers.count >= 10)
        return (numbers[0] / max(1, numbers[1]), numbers[8] / max(1, numbers[9]))
    }
}
