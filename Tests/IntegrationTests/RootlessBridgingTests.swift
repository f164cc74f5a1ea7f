import Foundation
import TAPGuest
import Testing

extension Integration {
    /// Bridged networks of a user who has no privilege: alice has what bridge.conf allows her.
    @Suite struct RootlessBridgingTests {
        @Test(.needs(.root, .setcap, .udhcpc))
        func `a user's guest leases from the physical network, also when its interface has come back`() async throws {
            let lan = try await LAN()
            let stage = try await BridgeStage(in: lan.host)
            try stage.installProgram()
            try stage.write("allow \(LAN.interface) user:alice\n")
            let serve = try stage.serve("--ifname", LAN.interface)
            try await serve.wait(for: "\n", within: .seconds(10))
            let status = text(ofFile: "/proc/\(serve.pid)/status")
            #expect(status.contains("CapEff:\t0000000000000000") && status.contains("Uid:\t1001\t1001\t1001\t1001"))
            let guest = try await NamespaceGuest(
                connectedTo: "\(stage.home)/vm.sock", .stream, address: "02:00:00:00:00:01")
            _ = try await guest.acquireLease()
            try await Self.checkPing(by: guest)
            for _ in 1...2 {
                try await lan.cut()
                try await lan.connectAgain()
                try await Self.checkPing(by: guest)
            }
            serve.signal(15)
            #expect(try await serve.exit(within: .seconds(10)) == .status(0))
        }

        @Test(.needs(.root, .setcap))
        func `a refusal says what root has to do`() async throws {
            let stage = try await BridgeStage(capability: false)
            try stage.installProgram()
            try stage.write("allow v0\n")
            let withoutCapability = try await stage.serve("--ifname", "v0").result(within: .seconds(10))
            #expect(withoutCapability.exit == .status(1))
            #expect(
                withoutCapability.errors.contains("as root: setcap cap_net_raw+ep \(stage.helper)"),
                "\(withoutCapability.errors)")
            try await stage.giveCapability()
            try stage.write("allow v1\n")
            let notAllowed = try await stage.serve("--ifname", "v0").result(within: .seconds(10))
            #expect(notAllowed.exit == .status(1))
            #expect(
                notAllowed.errors == """
                    openvmnet: cannot bridge v0: Permission denied
                    hint: /etc/openvmnet/bridge.conf does not allow it to you; as root: echo allow v0 user:1001 \
                    >>/etc/openvmnet/bridge.conf

                    """)
            try stage.write("allow v0 user:1001\n")
            let withheld = try await stage.serve("--ifname", "v0", privileges: ["--no-new-privs"])
                .result(within: .seconds(10))
            #expect(withheld.exit == .status(1) && withheld.errors.contains("no_new_privs"), "\(withheld.errors)")
            let bounded = try await stage.serve("--ifname", "v0", privileges: ["--bounding-set=-net_raw"])
                .result(within: .seconds(10))
            #expect(bounded.exit == .status(1) && bounded.errors.contains("container"), "\(bounded.errors)")
            try FileManager.default.removeItem(atPath: stage.helper)
            let missing = try await stage.serve("--ifname", "v0").result(within: .seconds(10))
            #expect(missing.exit == .status(1) && missing.errors.contains("which is not at \(stage.helper)"))
        }

        @Test(.needs(.root, .setcap))
        func `an interface that cannot be bridged is refused in QEMU's words`() async throws {
            let stage = try await BridgeStage()
            try stage.installProgram()
            try stage.write("allow all\n")
            try await stage.namespace.run("sh", "-c", "ip link add br0 type bridge && ip link set br0 up")
            try await stage.namespace.run("sh", "-c", "ip link set v1 master br0 && ip link add d0 type veth peer d1")
            for (name, exit, hint) in [
                ("en0", 2, "there is no interface 'en0'"), ("lo", 2, "'lo' is the loopback interface"),
                ("v1", 2, "'v1' is a port of the bridge br0; take br0"),
                ("d0", 1, "'d0' is down; as root: ip link set d0 up"),
            ] as [(String, Int32, String)] {
                let result = try await stage.serve("--ifname", name).result(within: .seconds(10))
                #expect(result.exit == .status(exit), "\(name)")
                let words = "openvmnet: unsupported ifname '\(name)', expected one of [ "
                #expect(result.errors.hasPrefix(words) && result.errors.contains("hint: \(hint)\n"), "\(result.errors)")
                for usable in ["v0 ", "br0 "] { #expect(result.errors.contains(usable)) }
            }
            let none = try await stage.serve().result(within: .seconds(10))
            #expect(none.exit == .status(1) && none.errors.contains("no default route"), "\(none.errors)")
        }

        @Test(.needs(.root, .setcap))
        func `without a name the default route's interface is taken, which the list marks`() async throws {
            let stage = try await BridgeStage()
            try stage.installProgram()
            try stage.write("allow v0\n")
            try await stage.namespace.run("ip", "route", "add", "default", "dev", "v0")
            let serve = try stage.serve()
            try await serve.wait(for: #""vmnet_shared_interface_name":"v0""#, within: .seconds(10))
            let table = try await stage.openvmnet(["interfaces"]).result(within: .seconds(10))
            #expect(table.exit == .status(0) && table.output.contains("\nv0 *  veth"), "\(table)")
            let list = try await stage.openvmnet(["interfaces", "--json"]).result(within: .seconds(10))
            let interfaces = try object(list.output)["interfaces"] as? [[String: Any]] ?? []
            let v0 = interfaces.first { $0["name"] as? String == "v0" }
            #expect(v0?["default"] as? Bool == true && v0?["bridgeable"] as? Bool == true, "\(list.output)")
            let loopback = interfaces.first { $0["name"] as? String == "lo" }
            #expect(loopback?["bridgeable"] as? Bool == false && loopback?["reason"] is String, "\(list.output)")
        }

        @Test(.needs(.root, .setcap))
        func `a packet socket that somebody else opened is taken, and nothing else is`() async throws {
            let stage = try await BridgeStage()
            try stage.installProgram()
            // The helper allows alice nothing here. Root opens the socket, and the program has it at 9.
            let serve = ["serve", "--mode", "bridged", "--listen", "stream:\(stage.home)/vm.sock", "--ifname", "fd:9"]
            let lent = try stage.namespace.start(
                [stage.peer, "lend", "v0", "setpriv", "--reuid", "1001", "--regid", "1001", "--clear-groups"]
                    + ["--inh-caps=-all", "--", stage.folder("bin/openvmnet")] + serve,
                environment: ["HOME": stage.home, "XDG_RUNTIME_DIR": stage.home])
            try await lent.wait(for: #""vmnet_shared_interface_name":"v0""#, within: .seconds(10))
            lent.signal(15)
            #expect(try await lent.exit(within: .seconds(10)) == .status(0))
            for (number, word) in [(999, "Bad file descriptor"), (1, "packet socket")] {
                let result = try await stage.serve("--ifname", "fd:\(number)").result(within: .seconds(10))
                #expect(result.exit == .status(1) && result.errors.contains(word), "\(result.errors)")
                #expect(result.errors.contains("bridge through the descriptor \(number): "), "\(result.errors)")
            }
        }

        @Test(.needs(.root, .setcap))
        func `in a user namespace no helper is needed`() async throws {
            let stage = try await BridgeStage(capability: false)
            try stage.installProgram()
            let command = """
                ip link add u0 type veth peer u1 && ip link set u0 up && ip link set u1 up && \
                exec \(stage.folder("bin/openvmnet")) run --mode bridged --ifname u0 -- true
                """
            let child = try stage.namespace.start(
                ["setpriv", "--reuid", "1001", "--regid", "1001", "--clear-groups", "--inh-caps=-all", "--"]
                    + ["unshare", "--user", "--map-root-user", "--net", "sh", "-c", command],
                environment: ["HOME": stage.home, "XDG_RUNTIME_DIR": stage.home])
            let result = try await child.result(within: .seconds(20))
            #expect(result.exit == .status(0), "\(result.errors)")
        }

        private static func checkPing(by guest: NamespaceGuest) async throws {
            try await eventually("a ping", within: .seconds(20)) {
                try await guest.shell("ping -c 1 -W 1 \(LAN.address)", within: .seconds(5)).status == 0
            }
        }
    }
}
