import Foundation
import Glibc
import TAPGuest
import Testing
import VmnetWire

extension Integration {
    /// The questions that one has about networks that run, each by one command.
    @Suite struct VerbTests {
        @Test(.needs(.udhcpc))
        func `status, networks, leases and ip tell of a guest, in text and in JSON`() async throws {
            let serve = try await Serve(on: HostNetwork(), in: TemporaryFolder())
            let guest = try await NamespaceGuest(
                connectedTo: serve.socket(.stream), .stream, address: "02:00:00:00:00:01")
            // Asked before there is a lease.
            let waiting = try serve.start(verb: ["ip", "VM-1", "--wait", "20"])
            let early = try await serve.verb("ip", "vm-1")
            #expect(early.exit == .status(1) && early.errors.contains("'vm-1'") && early.output.isEmpty)
            let address = try await Self.lease(of: guest, calling: "vm-1")
            let late = try await waiting.result(within: .seconds(20))
            #expect(late.exit == .status(0) && late.output == "\(address)\n", "\(late)")

            for name in ["vm-1", "02:00:00:00:00:01"] {
                #expect(try await serve.verb("ip", name).output == "\(address)\n")
            }
            let lease = try object(try await serve.verb("ip", "vm-1", "--json").output)
            #expect(lease["address"] as? String == "\(address)" && lease["version"] as? Int == 1)

            let status = try await serve.verb("status").output
            for part in ["shared: shared, 192.168.105.0/24", "02:00:00:00:00:01  \(address)", "vm-1"] {
                #expect(status.contains(part), "\(status)")
            }
            #expect(
                try object(try await serve.verb("status", "--name", "shared", "--json").output)["guests"] as? Int == 2)
            let leases = try await serve.verb("leases").output
            #expect(leases.contains("\(address)") && leases.contains("vm-1"), "\(leases)")
            let document = try object(try await serve.verb("leases", "--json").output)
            #expect((document["leases"] as? [Any])?.count == 1)
            let networks = try await serve.verb("networks").output
            #expect(
                networks.contains(serve.announcement.control) && networks.contains("192.168.105.0/24"), "\(networks)")

            // A network that has stopped still says who had what; one that was killed is listed no more.
            try await serve.kill()
            #expect(try await serve.verb("leases").output.contains("\(address)"))
            #expect(try await serve.verb("ip", "vm-1").output == "\(address)\n")
            let none = try object(try await serve.verb("networks", "--json").output)
            #expect((none["networks"] as? [Any])?.isEmpty == true)
            let gone = try await serve.verb("status")
            #expect(gone.exit == .status(1) && gone.errors.contains("no network runs"), "\(gone)")
        }

        @Test(.needs())
        func `with two networks a verb wants a name, and names those there are`() async throws {
            let folder = try TemporaryFolder()
            let host = try await HostNetwork()
            let one = try await Serve(["--name", "one"], listening: [.stream], on: host, in: folder)
            let two = try await Serve(["--name", "two"], listening: [.bess], on: host, in: folder)
            let unclear = try await one.verb("status")
            #expect(unclear.exit == .status(2) && unclear.errors.contains("one, two"), "\(unclear)")
            #expect(try await one.verb("status", "--name", "two").output.hasPrefix("two: "))
            let unknown = try await one.verb("run", "--network", "three", "--", "true")
            #expect(unknown.exit == .status(1), "\(unknown)")
            #expect(unknown.errors.contains("'three'") && unknown.errors.contains("one, two"), "\(unknown)")
            let networks = try object(try await one.verb("networks", "--json").output)["networks"] as? [[String: Any]]
            #expect(networks?.map { $0["name"] as? String } == ["one", "two"])
            for serve in [one, two] {
                serve.child.signal(SIGTERM)
                #expect(try await serve.child.exit(within: .seconds(10)) == .status(0))
            }
        }

        @Test(.needs(.udhcpc))
        func `a forward is added to a running network, used, and removed`() async throws {
            let serve = try await Serve(listening: [.stream], on: HostNetwork(), in: TemporaryFolder())
            let guest = try await NamespaceGuest(
                connectedTo: serve.socket(.stream), .stream, address: "02:00:00:00:00:01")
            let address = try await guest.acquireLease().address
            let server = try guest.namespace.start(
                [GuestFiles.root + "/bin/busybox", "httpd", "-f", "-p", "80", "-h", GuestFiles.root])
            let added = try await serve.verb("forward", "add", "tcp:8088:80")
            #expect(added.exit == .status(0) && added.output == "tcp:127.0.0.1:8088:80\n", "\(added)")
            let list = try await serve.verb("forward", "list").output
            #expect(list.contains("tcp:127.0.0.1:8088:80") && list.contains("\(address)"), "\(list)")
            try await eventually("the guest's page", within: .seconds(10)) {
                let page = try serve.host.namespace.start(["curl", "-s", "-m", "5", "http://127.0.0.1:8088/init"])
                return try await page.result(within: .seconds(10)).output.hasPrefix("#!")
            }
            let taken = try await serve.verb("forward", "add", "tcp:8088:81")
            #expect(taken.exit == .status(1) && taken.errors.contains("8088"), "\(taken)")
            let wrong = try await serve.verb("forward", "add", "pigeon:1:2")
            #expect(wrong.exit == .status(2) && wrong.errors.contains("pigeon"), "\(wrong)")
            let removed = try object(try await serve.verb("forward", "remove", "tcp:8088:80", "--json").output)
            #expect(removed["forward"] as? String == "tcp:127.0.0.1:8088:80")
            let gone = try await serve.verb("forward", "remove", "tcp:8088:80")
            #expect(gone.exit == .status(1), "\(gone)")
            #expect(try await serve.verb("forward", "list").output.split(separator: "\n").count == 1)
            withExtendedLifetime(server) {}
            try await serve.stop()
        }

        @Test(.needs())
        func `watching prints a line of JSON each second, and ends with the network`() async throws {
            let serve = try await Serve(on: HostNetwork(), in: TemporaryFolder())
            let watching = try serve.start(verb: ["status", "--watch", "--json"])
            try await eventually("two lines", within: .seconds(10)) {
                watching.output.split(separator: "\n").count >= 2
            }
            try await serve.stop()
            let result = try await watching.result(within: .seconds(10))
            #expect(result.exit == .status(1))
            for line in result.output.split(separator: "\n") {
                #expect(try object(String(line))["version"] as? Int == 1)
            }
        }

        @Test(.needs())
        func `a control socket may be elsewhere`() async throws {
            let folder = try TemporaryFolder()
            let path = folder("here.sock")
            let serve = try await Serve(["--control", path], on: HostNetwork(), in: folder)
            #expect(serve.announcement.control == path)
            #expect(try await serve.verb("status", "--control", path).exit == .status(0))
            #expect(try await serve.verb("status").exit == .status(1))
            let both = try await serve.verb("status", "--control", path, "--name", "shared")
            #expect(both.exit == .status(2), "\(both)")
            try await serve.stop()
        }

        private static func lease(of guest: NamespaceGuest, calling name: String) async throws -> IPv4Address {
            let folder = try TemporaryFolder()
            try await guest.run("ip link set dev \(guest.interface) up")
            try await guest.run(
                "LEASE_FILE=\(folder("lease")) udhcpc -i \(guest.interface) -n -q -t 5 -T 1 -x hostname:\(name) "
                    + "-s \(GuestFiles.root)/lease")
            return try Lease(record: text(ofFile: folder("lease"))).address
        }
    }
}
