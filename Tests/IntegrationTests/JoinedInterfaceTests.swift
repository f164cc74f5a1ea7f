import Foundation
import Glibc
import TAPGuest
import Testing
import VmnetWire

extension Integration {
    /// Programs that link the library, each a process of its own, on one network that `serve` runs.
    @Suite struct JoinedInterfaceTests {
        private static let ids = ["3C1F9D2E-5B7A-4E0C-9A41-0D8E6F7B2C35", "3C1F9D2E-5B7A-4E0C-9A41-0D8E6F7B2C36"]

        @Test(.needs(.udhcpc))
        func `two programs share a segment, and have all that guests have`() async throws {
            let serve = try await Serve(
                Serve.network + ["--name", "lab"], listening: [], on: HostNetwork(), in: TemporaryFolder())
            let environment = Serve.environment(serve.folder)
            let first = try await NamespaceGuest(joining: "lab", id: Self.ids[0], environment: environment)
            let second = try await NamespaceGuest(joining: serve.announcement.control, id: Self.ids[1])
            try await checkEverything(in: first, on: serve.promise)
            let lease = try await second.acquireLease()
            #expect(try await first.canPing(lease.address))
            let status = try object(try await serve.verb("status", "--json").output)
            let ports = status["ports"] as? [[String: Any]] ?? []
            #expect(Set(ports.compactMap { $0["uuid"] as? String }).isSuperset(of: Self.ids))
            try await serve.stop()
        }

        @Test(.needs(.udhcpc))
        func `a program's interface comes back after the daemon was killed, with its address`() async throws {
            let folder = try TemporaryFolder()
            let serve = try await Serve(on: HostNetwork(), in: folder)
            let guest = try await NamespaceGuest(joining: serve.announcement.control, id: Self.ids[0])
            let lease = try await guest.acquireLease()
            let gateway = try serve.promise.gateway
            #expect(try await guest.canPing(gateway))
            try await serve.kill()

            let successor = try await Serve(on: serve.host, in: folder)
            try await eventually("the gateway's answer", within: .seconds(20)) {
                try await guest.shell("ping -c 1 -W 1 \(gateway)", within: .seconds(5)).status == 0
            }
            #expect(try await guest.acquireLease().address == lease.address)
            #expect(guest.plug?.isRunning == true)
            try await successor.stop()
        }

        @Test(.needs(.udhcpc))
        func `another process of the same id has the same MAC address and the same lease`() async throws {
            let serve = try await Serve(on: HostNetwork(), in: TemporaryFolder())
            var leases: [Lease] = []
            var addresses: [String] = []
            for _ in 0..<2 {
                let guest = try await NamespaceGuest(joining: serve.announcement.control, id: Self.ids[0])
                addresses.append(guest.plug?.output ?? "")
                leases.append(try await guest.acquireLease())
                guest.plug?.signal(SIGKILL)
                _ = try await guest.plug?.exit(within: .seconds(10))
                // Somebody else comes in between.
                let other = try await NamespaceGuest(joining: serve.announcement.control, id: Self.ids[1])
                #expect(try await other.acquireLease().address != leases[0].address)
            }
            #expect(leases[0].address == leases[1].address && addresses[0] == addresses[1])
            try await serve.stop()
        }

        @Test(.needs(.root))
        func `another user's program has an interface of a privileged network, and no say in it`() async throws {
            let folder = try TemporaryFolder()
            let shared = folder("shared")
            try FileManager.default.createDirectory(atPath: shared, withIntermediateDirectories: false)
            // Safety: the paths live for the calls.
            for path in [folder.path, shared] { unsafe chmod(path, 0o711) }
            try FileManager.default.copyItem(atPath: Programs.joinedGuest, toPath: shared + "/guest")
            let serve = try await Serve(
                Serve.network + ["--control", shared + "/lab.control", "--attach-group", "nogroup"],
                on: HostNetwork(), in: folder)
            func join(as group: String) async throws -> Child.Result {
                try await Child([
                    "setpriv", "--reuid", "65534", "--regid", group, "--clear-groups", shared + "/guest",
                    serve.announcement.control, "--cycles", "1",
                ]).result(within: .seconds(20))
            }
            let member = try await join(as: "nogroup")
            #expect(member.exit == .status(0) && member.output.contains("leaves 0"), "\(member)")
            let stranger = try await join(as: "users")
            #expect(stranger.exit == .status(1) && stranger.output.contains("Permission denied"), "\(stranger)")
            let curl = try await Child([
                "setpriv", "--reuid", "65534", "--regid", "nogroup", "--clear-groups", "curl", "-s", "--unix-socket",
                serve.announcement.control, "http://localhost/v1/status",
            ]).result(within: .seconds(20))
            #expect(curl.exit != .status(0) && curl.output == "")
            try await serve.stop()
        }

        @Test(.needs())
        func `a thousand interfaces come and go, and leave nothing`() async throws {
            let serve = try await Serve(on: HostNetwork(), in: TemporaryFolder())
            let before = ProcessFigures(of: serve.child.pid)
            let child = try Child([Programs.joinedGuest, serve.announcement.control, "--cycles", "1000"])
            let result = try await child.result(within: .seconds(60))
            #expect(result.exit == .status(0) && result.output.contains("leaves 0"), "\(result)")
            try await eventually("the guests' leaving", within: .seconds(10)) {
                ProcessFigures(of: serve.child.pid).descriptorCount == before.descriptorCount
            }
            try await serve.stop()
        }
    }
}
