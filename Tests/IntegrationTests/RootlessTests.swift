import Foundation
import TAPGuest
import Testing

extension Integration {
    /// No root: the daemon and `run --netns` work as a user with no capability at all.
    @Suite struct RootlessTests {
        private static let nobody = [
            "setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "--inh-caps=-all", "--",
        ]

        @Test(.needs(.root, .udhcpc))
        func `serve runs as nobody and its guest has everything a guest gets`() async throws {
            let folder = try Self.folderOfNobody()
            let serve = try await Serve(on: HostNetwork(), in: folder, after: Self.nobody, program: folder("program"))
            let status = text(ofFile: "/proc/\(serve.child.pid)/status")
            #expect(status.contains("Uid:\t65534\t65534\t65534\t65534"))
            #expect(status.contains("CapEff:\t0000000000000000"))
            let guest = try await NamespaceGuest(
                connectedTo: serve.socket(.stream), .stream, address: "02:00:00:00:00:01")
            try await checkEverything(in: guest, on: serve.promise)
            try await serve.stop()
        }

        @Test(.needs(.root))
        func `run --netns gives nobody's command a configured interface`() async throws {
            let folder = try Self.folderOfNobody()
            let host = try await HostNetwork()
            let script = """
                busybox ip -4 -o address show dev eth0; busybox ip route show default; cat /etc/resolv.conf
                busybox wget -q -O - http://192.168.105.1/blob | sha256sum; exit 7
                """
            let command = try host.namespace.start(
                Self.nobody + [folder("program"), "run", "--netns"] + Serve.network + ["--", "sh", "-c", script],
                environment: Serve.environment(folder))
            let result = try await command.result(within: .seconds(30))
            #expect(result.exit == .status(7), "\(result.output)\(result.errors)")
            let expected = [
                "inet 192.168.105.2/24", "default via 192.168.105.1", "nameserver 192.168.105.1", host.blobSHA256,
            ]
            for part in expected { #expect(result.output.contains(part), "\(result.output)\(result.errors)") }
        }

        /// A folder that belongs to nobody, with a copy of the program: the build's may be where nobody may not look.
        private static func folderOfNobody() throws -> TemporaryFolder {
            let folder = try TemporaryFolder()
            try FileManager.default.copyItem(
                atPath: try #require(Programs.openvmnet), toPath: folder("program"))
            try FileManager.default.setAttributes(
                [.ownerAccountID: 65_534, .groupOwnerAccountID: 65_534], ofItemAtPath: folder.path)
            return folder
        }
    }
}
