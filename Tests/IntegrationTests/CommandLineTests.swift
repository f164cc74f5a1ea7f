import Foundation
import Glibc
import TAPGuest
import Testing

extension Integration {
    /// The command line does what it says, and says what it does not do.
    @Suite struct CommandLineTests {
        /// Arguments that are wrong, and what the message has to name.
        static let wrong: [(arguments: String, message: String)] = [
            ("serve", "--listen"),
            ("serve --listen stream", "stream"),
            ("serve --listen stream:FOLDER/s --attach-group users", "--control"),
            ("serve --listen stream:FOLDER/s --control FOLDER/c --attach-group no-such-group", "no-such-group"),
            ("serve --listen pigeon:FOLDER/s", "pigeon"),
            ("serve --listen stream:FOLDER/\(String(repeating: "long", count: 30))", "long"),
            ("serve --mode sideways --listen stream:FOLDER/s", "sideways"),
            (
                "serve --start-address 192.168.105.1 --listen stream:FOLDER/s",
                "'start-address', 'end-address', 'subnet-mask' should be provided together"
            ),
            (
                "serve --netdev vmnet-shared,end-address=192.168.105.9,subnet-mask=255.255.255.0 --listen stream:FOLDER/s",
                "'start-address', 'end-address', 'subnet-mask' should be provided together"
            ),
            ("serve --netdev vmnet-shared,colour=red --listen stream:FOLDER/s", "colour"),
            ("serve --netdev user --listen stream:FOLDER/s", "user"),
            (
                "serve --listen stream:FOLDER/s --forward tcp:22022:22 --forward tcp:127.0.0.1:22022:80",
                "tcp:127.0.0.1:22022:80"
            ),
            (
                """
                serve --start-address 192.168.105.1 --end-address 192.168.105.x --subnet-mask 255.255.255.0 \
                --listen stream:FOLDER/s
                """, "192.168.105.x"
            ),
            (
                """
                serve --start-address 192.168.105.1 --end-address 192.168.105.20 --subnet-mask 255.0.255.0 \
                --listen stream:FOLDER/s
                """, "255.0.255.0"
            ),
            (
                """
                serve --start-address 192.168.105.20 --end-address 192.168.105.1 --subnet-mask 255.255.255.0 \
                --listen stream:FOLDER/s
                """, "192.168.105.1"
            ),
            (
                """
                serve --start-address 192.168.105.1 --end-address 192.168.106.20 --subnet-mask 255.255.255.0 \
                --listen stream:FOLDER/s
                """, "192.168.106.20"
            ),
            (
                """
                serve --start-address 8.8.8.1 --end-address 8.8.8.20 --subnet-mask 255.255.255.0 \
                --listen stream:FOLDER/s
                """, "8.8.8.1"
            ),
            (
                "serve --netdev vmnet-shared,net-uuid=nonsense --listen stream:FOLDER/s",
                "Parameter 'net-uuid' is unexpected"
            ),
            (
                "serve --netdev vmnet-host,net-uuid=nonsense --listen stream:FOLDER/s",
                "Invalid UUID provided in 'net-uuid'"
            ),
            (
                "serve --mode host --net-uuid UUID --host-ip 10.0.0.1 --listen stream:FOLDER/s",
                "'host-ip' and 'host-mask' should be provided together"
            ),
            (
                "serve --mode host --host-ip 10.0.0.1 --host-mask 255.0.0.0 --listen stream:FOLDER/s",
                "'host-ip' is given without 'net-uuid'"
            ),
            (
                "serve --mode host --net-uuid UUID --lock-leases --listen stream:FOLDER/s",
                "'lock-leases' and 'net-uuid' contradict each other"
            ),
            ("run --netns --mode host --net-uuid UUID -- true", "'--netns' and 'net-uuid' contradict each other"),
            (
                "serve --mode host --nat66-prefix fd00:: --listen stream:FOLDER/s",
                "Parameter 'nat66-prefix' is unexpected"
            ),
            ("serve --listen stream:FOLDER/s,isolated=maybe", "isolated=maybe"),
            ("serve --ifname eth0 --listen stream:FOLDER/s", "Parameter 'ifname' is unexpected"),
            ("serve --netdev vmnet-shared,isolated=maybe --listen stream:FOLDER/s", "maybe"),
            (
                "serve --start-address 10.0.0.1 --netdev vmnet-shared,start-address=10.0.0.2 --listen stream:FOLDER/s",
                "start-address"
            ),
            ("serve --nat66-prefix 2001:db8:: --listen stream:FOLDER/s", "2001:db8::"),
            ("serve --name ../escape --listen stream:FOLDER/s", "../escape"),
            ("serve --mtu 20 --listen stream:FOLDER/s", "20"),
            ("serve --mtu many --listen stream:FOLDER/s", "many"),
            ("serve --mtu 1500 --mtu 9000 --listen stream:FOLDER/s", "'mtu' is given twice"),
            (
                "serve --start-address 192.168.105.1 --dhcp-start-address 192.168.106.1 --listen stream:FOLDER/s",
                "'start-address' is given twice"
            ),
            ("serve --listen stream:FOLDER/s --listen bess:FOLDER/s", "is listened on twice"),
            ("serve --listen fd:0 --listen fd:0", "is listened on twice"),
            ("serve --state-dir= --listen stream:FOLDER/s", "--state-dir"),
            ("serve --nonsense", "--nonsense"),
            ("run", "no command to run"),
            ("run --netns --", "no command to run"),
            ("serve --listen stream:FOLDER/s --reserve 02:00:00:00:00:03", "02:00:00:00:00:03"),
            (
                """
                serve --start-address 192.168.105.1 --end-address 192.168.105.20 --subnet-mask 255.255.255.0 --force \
                --listen stream:FOLDER/s --reserve 02:00:00:00:00:03=192.168.106.9
                """, "192.168.106.9"
            ),
            ("nonsense", "nonsense"),
        ]

        @Test(.needs(), arguments: wrong)
        func `a wrong command line is refused with a message and status 2`(
            arguments: String, message: String
        ) async throws {
            let folder = try TemporaryFolder()
            let identifier = "3c1f9d2e-5b7a-4e0c-9a41-0d8e6f7b2c35"
            let words = arguments.replacing("FOLDER", with: folder.path).replacing("UUID", with: identifier).split(
                separator: " "
            ).map { String($0) }
            let child = try Child([try #require(Programs.openvmnet)] + words, environment: Serve.environment(folder))
            let result = try await child.result(within: .seconds(10))
            #expect(result.exit == .status(2))
            #expect(result.errors.contains(message), "\(result.errors)")
            #expect(result.output.isEmpty, "\(result.output)")
        }

        @Test(.needs())
        func `serve announces the network, and SIGTERM ends it without a trace`() async throws {
            let serve = try await Serve(on: HostNetwork(), in: TemporaryFolder())
            let announced = serve.announcement
            #expect(announced.startAddress == "192.168.105.1")
            #expect(announced.endAddress == "192.168.105.20")
            #expect(announced.subnetMask == "255.255.255.0")
            #expect(announced.mtu == 1500)
            #expect(announced.maximumPacketSize == 1514)
            #expect(UUID(uuidString: announced.interfaceID) != nil)
            #expect(announced.listen == ["stream", "dgram", "bess"].map { "\($0):\(serve.folder($0)).sock" })
            #expect(serve.child.output.filter { $0 == "\n" }.count == 1)
            try await serve.stop()
        }

        @Test(.needs())
        func `a second serve on the same socket is refused and harms nobody`() async throws {
            let serve = try await Serve(on: HostNetwork(), in: TemporaryFolder())
            let second = try serve.host.namespace.start(
                [
                    try #require(Programs.openvmnet), "serve", "--name", "other", "--listen",
                    "stream:\(serve.socket(.stream))",
                ], environment: Serve.environment(serve.folder))
            let result = try await second.result(within: .seconds(10))
            #expect(result.exit == .status(1))
            #expect(result.errors.contains(serve.socket(.stream)), "\(result.errors)")
            _ = try UnixSocket(connectingTo: serve.socket(.stream), .stream)
            try await serve.stop()
        }

        @Test(.needs())
        func `a second serve with the same network name is refused`() async throws {
            let serve = try await Serve(Serve.network + ["--name", "lab"], on: HostNetwork(), in: TemporaryFolder())
            let second = try serve.host.namespace.start(
                [
                    try #require(Programs.openvmnet), "serve", "--name", "lab", "--listen",
                    "stream:\(serve.folder("other.sock"))",
                ], environment: Serve.environment(serve.folder))
            let result = try await second.result(within: .seconds(10))
            #expect(result.exit == .status(1))
            #expect(result.errors.contains("lab"), "\(result.errors)")
            #expect(!FileManager.default.fileExists(atPath: serve.folder("other.sock")))
            try await serve.stop()
        }

        @Test(.needs())
        func `a network without addresses of its own keeps out of a running one`() async throws {
            let folder = try TemporaryFolder()
            let wide = [
                "--name", "wide", "--start-address", "192.168.64.1", "--end-address", "192.168.64.20", "--subnet-mask",
                "255.255.224.0",
            ]
            let serve = try await Serve(wide, on: HostNetwork(), in: folder)
            let run = try serve.host.namespace.start(
                [
                    try #require(Programs.openvmnet), "run", "--netns", "--", "sh", "-c",
                    "grep nameserver /etc/resolv.conf",
                ], environment: Serve.environment(folder))
            let result = try await run.result(within: .seconds(30))
            #expect(result.output.contains("nameserver 192.168.96.1"), "\(result.output) \(result.errors)")
            try await serve.stop()
        }

        @Test(.needs())
        func `a ready line that cannot be written is a failure`() async throws {
            let folder = try TemporaryFolder()
            let command = "\(try #require(Programs.openvmnet)) serve --listen stream:\(folder("s")) >/dev/full"
            let child = try Child(["/bin/sh", "-c", command], environment: Serve.environment(folder))
            let result = try await child.result(within: .seconds(10))
            #expect(result.exit == .status(1))
            #expect(result.errors.contains("standard output"), "\(result.errors)")
        }

        @Test(.needs())
        func `without standard streams nothing is written where it does not belong`() async throws {
            let folder = try TemporaryFolder()
            let program = try #require(Programs.openvmnet)
            let command =
                "timeout 2 \(program) serve --listen stream:\(folder("s")) <&- >&- 2>&-; cat \(folder.path)/*/*.lock"
            let child = try Child(["/bin/sh", "-c", command], environment: Serve.environment(folder))
            let result = try await child.result(within: .seconds(10))
            #expect(!result.output.contains("vmnet_"), "\(result.output)")
        }

        @Test(.needs())
        func `stale sockets of a killed daemon are replaced`() async throws {
            let folder = try TemporaryFolder()
            let killed = try await Serve(on: HostNetwork(), in: folder)
            try await killed.kill()
            #expect(FileManager.default.fileExists(atPath: killed.socket(.stream)))
            let serve = try await Serve(on: killed.host, in: folder)
            _ = try UnixSocket(connectingTo: serve.socket(.stream), .stream)
            try await serve.stop()
        }

        @Test(.needs())
        func `serve never replaces a file that is not a socket`() async throws {
            let folder = try TemporaryFolder()
            let precious = folder("precious")
            try Data("letters".utf8).write(to: URL(fileURLWithPath: precious))
            let child = try Child(
                [try #require(Programs.openvmnet), "serve", "--listen", "stream:\(precious)"],
                environment: Serve.environment(folder))
            let result = try await child.result(within: .seconds(10))
            #expect(result.exit == .status(1))
            #expect(result.errors.contains(precious), "\(result.errors)")
            #expect(text(ofFile: precious) == "letters")
        }
    }
}
