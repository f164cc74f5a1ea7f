import Foundation
import TAPGuest
import Testing

/// A namespace with a wire from v0 to v1, an /etc of its own, and openvmnet-bridge-helper with its capability.
///
/// Users there have no name that this machine's would not have: alice is 1001, the group vmusers 44.
final class BridgeStage: Sendable {
    let namespace: Namespace
    /// The copy of the helper.
    let helper: String
    let folder: TemporaryFolder
    private let peer: String

    init(capability: Bool = true) async throws {
        let folder = try TemporaryFolder()
        let namespace = try await Namespace()
        self.namespace = namespace
        self.folder = folder
        helper = folder("openvmnet-bridge-helper")
        peer = folder("SocketPeer")
        // The build's may be where others than root may not look.
        try FileManager.default.copyItem(atPath: try #require(Programs.bridgeHelper), toPath: helper)
        try FileManager.default.copyItem(atPath: Programs.socketPeer, toPath: peer)
        if capability { try await namespace.run("setcap", "cap_net_raw+ep", helper) }
        try FileManager.default.createDirectory(atPath: folder("etc/openvmnet"), withIntermediateDirectories: true)
        try Data("root:x:0:0::/root:/bin/sh\nalice:x:1001:1001::/:/bin/sh\n".utf8)
            .write(to: URL(fileURLWithPath: folder("etc/passwd")))
        try Data("root:x:0:\nvmusers:x:44:\n".utf8).write(to: URL(fileURLWithPath: folder("etc/group")))
        try await namespace.run("mount", "--bind", folder("etc"), "/etc")
        try await namespace.run(
            "sh", "-c", "ip link add v0 type veth peer v1 && ip link set v0 up && ip link set v1 up")
    }

    /// Writes /etc/openvmnet/NAME: root's, and readable by all.
    func write(_ text: String, to name: String = "bridge.conf") throws {
        let path = folder("etc/openvmnet/\(name)")
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
    }

    /// Has a user without privileges ask for an interface, and gives what came of it (BridgeClient in Tests/SocketPeer).
    func ask(for interface: String = "v0", user: Int = 1001, groups: String = "1001") async throws -> String {
        try await start(mode: "bridge", ["--fd", "7", "--ifname", interface], user: user, groups: groups)
    }

    /// Starts the helper with these arguments.
    ///
    /// - Parameters:
    ///   - mode: SocketPeer's.
    ///   - groups: numbers; the first is the process's own.
    ///   - privileges: options of setpriv.
    ///   - prefix: a command that starts it: `env ...`.
    func start(
        mode: String, _ arguments: [String], user: Int = 1001, groups: String = "1001", privileges: [String] = [],
        after prefix: [String] = []
    ) async throws -> String {
        let own = String(groups.prefix { $0 != "," })
        let setpriv = ["setpriv", "--reuid", "\(user)", "--regid", own, "--groups", groups, "--inh-caps=-all"]
        let child = try namespace.start(setpriv + privileges + ["--"] + prefix + [peer, mode, helper] + arguments)
        guard try await child.exit(within: .seconds(10)) == .status(0) else { throw ChildFailure("failed", child) }
        return String(child.output.dropLast())
    }
}
