import Foundation
import Glibc
import TAPGuest
import Testing

extension Integration {
    /// The program with a capability opens what /etc/openvmnet/bridge.conf allows, and nothing else.
    @Suite struct BridgeHelperTests {
        private static let granted = "exit 0: v0, then lo: Invalid argument"

        @Test(.needs(.root, .setcap))
        func `the socket is for the interface that is allowed, and can be bound to no other`() async throws {
            let stage = try await BridgeStage()
            #expect(
                try await stage.ask()
                    == "exit 1: status 1, errno 0, /etc/openvmnet/bridge.conf does not allow it to you")
            let cases: [(policy: String, groups: String, isGranted: Bool)] = [
                ("allow v0", "1001", true), ("allow all", "1001", true), ("allow v1", "1001", false),
                ("allow v0 user:alice", "1001", true), ("allow v0 user:1001", "1001", true),
                ("allow v0 user:root", "1001", false), ("allow v0 group:vmusers", "1001", false),
                ("allow v0 group:vmusers", "1001,44", true), ("allow v0 group:vmusers", "44", true),
                ("allow all\ndeny v0 group:44", "1001,44", false), ("allow all\ndeny v0 group:44", "1001", true),
                ("deny all user:alice\nallow v0", "1001", false),
            ]
            for (policy, groups, isGranted) in cases {
                try stage.write(policy)
                let answer = try await stage.ask(groups: groups)
                #expect(
                    isGranted ? answer == Self.granted : answer.hasPrefix("exit 1: status 1, "),
                    "\(policy) for \(groups): \(answer)")
            }
        }

        @Test(.needs(.root, .setcap))
        func `root is allowed no more than others`() async throws {
            let stage = try await BridgeStage()
            try stage.write("allow v0 user:alice")
            #expect(try await stage.ask(user: 0, groups: "0").hasPrefix("exit 1: status 1, "))
        }

        @Test(.needs(.root, .setcap))
        func `loopback, tunnels and other names of an interface are not opened, whatever is allowed`() async throws {
            let stage = try await BridgeStage()
            try stage.write("allow all\ndeny v0")
            try await stage.namespace.run("ip", "link", "property", "add", "dev", "v0", "altname", "other0")
            try await stage.namespace.run("ip", "tuntap", "add", "tun0", "mode", "tun")
            for (interface, text) in [
                ("lo", "errno 0, lo is not Ethernet"), ("tun0", "errno 0, tun0 is not Ethernet"),
                ("none0", "errno 19, there is no interface none0"),
                ("other0", "errno 0, other0 is another name of v0: use that"),
            ] {
                #expect(try await stage.ask(for: interface) == "exit 1: status 3, \(text)")
            }
        }

        @Test(.needs(.root, .setcap))
        func `files are included with the user's own rights`() async throws {
            let stage = try await BridgeStage()
            try stage.write("include /etc/openvmnet/alice.conf\n")
            #expect(
                try await stage.ask() == "exit 1: status 2, errno 0, /etc/openvmnet/alice.conf is not there")
            try stage.write("allow v0\n", to: "alice.conf")
            let path = stage.folder("etc/openvmnet/alice.conf")
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o640, .groupOwnerAccountID: 1001], ofItemAtPath: path)
            #expect(try await stage.ask() == Self.granted)
            #expect(try await stage.ask(user: 1002, groups: "1002").hasPrefix("exit 1: status 1, "))
            try stage.write("include /etc/openvmnet/bridge.conf\nallow v0\n")
            #expect(
                try await stage.ask().contains("status 2, errno 0, /etc/openvmnet/bridge.conf includes too many files"))
        }

        @Test(.needs(.root, .setcap))
        func `a policy that others than root can change, or that is wrong, allows nothing`() async throws {
            let stage = try await BridgeStage()
            try stage.write("allow v0\n")
            #expect(try await stage.ask() == Self.granted)
            for (spoil, mend) in [
                ("chown 1001 /etc/openvmnet/bridge.conf", "chown 0 /etc/openvmnet/bridge.conf"),
                ("chmod 666 /etc/openvmnet/bridge.conf", "chmod 644 /etc/openvmnet/bridge.conf"),
                ("chmod 664 /etc/openvmnet/bridge.conf", "chmod 644 /etc/openvmnet/bridge.conf"),
                ("chmod 1777 /etc/openvmnet", "chmod 755 /etc/openvmnet"),
                ("chown 1001 /etc/openvmnet", "chown 0 /etc/openvmnet"),
                ("chmod 777 /etc", "chmod 755 /etc"),
                (
                    "mv /etc/openvmnet/bridge.conf /etc/real; ln -s /etc/real /etc/openvmnet/bridge.conf",
                    "mv /etc/real /etc/openvmnet/bridge.conf"
                ),
                (
                    "mv /etc/openvmnet /etc/real; ln -s /etc/real /etc/openvmnet",
                    "rm /etc/openvmnet; mv /etc/real /etc/openvmnet"
                ),
                (
                    "mkfifo /etc/fifo; mount --bind /etc/fifo /etc/openvmnet/bridge.conf",
                    "umount /etc/openvmnet/bridge.conf"
                ),
                ("chmod 600 /etc/openvmnet/bridge.conf", "chmod 644 /etc/openvmnet/bridge.conf"),
                ("echo permit v0 >>/etc/openvmnet/bridge.conf", "echo allow v0 >/etc/openvmnet/bridge.conf"),
                ("echo allow v1 user:bob >>/etc/openvmnet/bridge.conf", "echo allow v0 >/etc/openvmnet/bridge.conf"),
                (
                    "head -c 65536 /dev/zero | tr '\\0' '\\n' >>/etc/openvmnet/bridge.conf",
                    "echo allow v0 >/etc/openvmnet/bridge.conf"
                ),
            ] {
                try await stage.namespace.run("sh", "-c", spoil)
                let answer = try await stage.ask()
                #expect(answer.hasPrefix("exit 1: status 2, errno 0, "), "\(spoil): \(answer)")
                try await stage.namespace.run("sh", "-c", mend)
            }
            #expect(try await stage.ask() == Self.granted)
        }

        @Test(.needs(.root, .setcap))
        func `arguments that are not openvmnet's, and sockets that are no pair's, get no reply`() async throws {
            let stage = try await BridgeStage()
            try stage.write("allow all\n")
            let wrong: [[String]] = [
                [], ["--fd", "7"], ["--ifname", "v0", "--fd", "7"], ["--fd", "7", "--ifname", "v0", "more"],
                ["--fd=7", "--ifname=v0"], ["--help"], ["--fd", "", "--ifname", "v0"],
                ["--fd", "7x", "--ifname", "v0"],
                ["--fd", "-7", "--ifname", "v0"], ["--fd", "99999999999999999999", "--ifname", "v0"],
                ["--fd", "7", "--ifname", ""], ["--fd", "7", "--ifname", "."], ["--fd", "7", "--ifname", "a/b"],
                ["--fd", "7", "--ifname", "0123456789abcdef"],
                ["--fd", "7", "--ifname", String(repeating: "v", count: 70_000)],
                // A standard stream, a stream socket, a socket that is not connected, and nothing.
                ["--fd", "1", "--ifname", "v0"], ["--fd", "8", "--ifname", "v0"], ["--fd", "9", "--ifname", "v0"],
                ["--fd", "17", "--ifname", "v0"],
            ]
            for arguments in wrong {
                let answer = try await stage.start(mode: "bridge", arguments)
                #expect(answer == "exit 2: no reply", "\(arguments)")
            }
        }

        @Test(.needs(.root, .setcap))
        func `neither the environment nor missing standard streams make a difference`() async throws {
            let stage = try await BridgeStage()
            try stage.write("allow v0\n")
            let environment = [
                "env", "-i", "GLIBC_TUNABLES=glibc.malloc.check=3", "MALLOC_TRACE=/tmp/trace",
                "SWIFT_BACKTRACE=enable=yes",
                "LD_DEBUG_OUTPUT=/tmp/log", "LD_PRELOAD=/nowhere/evil.so", "LD_LIBRARY_PATH=/tmp", "HOME=/tmp",
                "PATH=/tmp",
                "LC_ALL=de_DE.UTF-8", "TMPDIR=/nowhere", "IFS=v",
            ]
            #expect(
                try await stage.start(mode: "bridge", ["--fd", "7", "--ifname", "v0"], after: environment)
                    == Self.granted)
            #expect(try await stage.start(mode: "bridge-bare", ["--fd", "7", "--ifname", "v0"]) == Self.granted)
        }

        @Test(.needs(.root, .setcap))
        func `without its capability it says why, and as a setuid program it does not run`() async throws {
            let stage = try await BridgeStage(capability: false)
            try stage.write("allow v0\n")
            #expect(try await stage.ask() == "exit 1: status 4, errno 1, ")
            try await stage.namespace.run("chmod", "4755", stage.helper)
            #expect(try await stage.ask() == "exit 2: no reply")
            try await stage.namespace.run("chmod", "2755", stage.helper)
            #expect(try await stage.ask() == "exit 2: no reply")
            try await stage.namespace.run("chmod", "755", stage.helper)
            try await stage.namespace.run("setcap", "cap_net_raw+ep", stage.helper)
            #expect(try await stage.ask() == Self.granted)
            let withheld = try await stage.start(
                mode: "bridge", ["--fd", "7", "--ifname", "v0"], privileges: ["--no-new-privs"])
            #expect(withheld == "exit 1: status 4, errno 1, no_new_privs")
        }

        @Test(.needs())
        func `it is one file that nothing is loaded into`() throws {
            let bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: #require(Programs.bridgeHelper))))
            func number(at offset: Int, _ byteCount: Int) -> Int {
                (0..<byteCount).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
            }
            // elf(5): of a 64-bit file, the program headers' offset, size and number; the first field is the type.
            let (offset, size, count) = (number(at: 32, 8), number(at: 54, 2), number(at: 56, 2))
            let types = (0..<count).map { number(at: offset + $0 * size, 4) }
            #expect(types.contains(1) && !types.contains(2) && !types.contains(3), "\(types)")
        }
    }
}
