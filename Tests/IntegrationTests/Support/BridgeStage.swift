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
    /// The copy of SocketPeer.
    let peer: String

    /// - Parameters:
    ///   - capability: whether the helper gets it.
    ///   - namespace: one that has its interfaces already; nil makes one with the wire.
    init(capability: Bool = true, in namespace: Namespace? = nil) async throws {
        let folder = try TemporaryFolder()
        self.namespace = if let namespace { namespace } else { try await Self.wire() }
        self.folder = folder
        helper = folder("libexec/openvmnet/openvmnet-bridge-helper")
        peer = folder("bin/SocketPeer")
        for path in ["bin", "libexec/openvmnet", "etc/openvmnet"] {
            try FileManager.default.createDirectory(atPath: folder(path), withIntermediateDirectories: true)
        }
        // Copies: the build's may be where others than root may not look.
        try FileManager.default.copyItem(atPath: try #require(Programs.bridgeHelper), toPath: helper)
        try FileManager.default.copyItem(atPath: Programs.socketPeer, toPath: peer)
        if capability { try await giveCapability() }
        try Data("root:x:0:0::/root:/bin/sh\nalice:x:1001:1001::/:/bin/sh\n".utf8)
            .write(to: URL(fileURLWithPath: folder("etc/passwd")))
        try Data("root:x:0:\nvmusers:x:44:\n".utf8).write(to: URL(fileURLWithPath: folder("etc/group")))
        try await self.namespace.run("mount", "--bind", folder("etc"), "/etc")
    }

    private static func wire() async throws -> Namespace {
        let namespace = try await Namespace()
        try await namespace.run(
            "sh", "-c", "ip link add v0 type veth peer v1 && ip link set v0 up && ip link set v1 up")
        return namespace
    }

    func giveCapability() async throws {
        try await namespace.run("setcap", "cap_net_raw+ep", helper)
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

/// `openvmnet` installed with the helper, for alice, who may nothing.
extension BridgeStage {
    /// Alice's, with her sockets.
    var home: String { folder("home") }

    /// Puts the program where the helper is found from, and makes a home for alice.
    func installProgram() throws {
        try FileManager.default.copyItem(atPath: try #require(Programs.openvmnet), toPath: folder("bin/openvmnet"))
        try FileManager.default.createDirectory(
            atPath: home, withIntermediateDirectories: false,
            attributes: [.ownerAccountID: 1001, .groupOwnerAccountID: 1001])
    }

    /// Has alice run it.
    func openvmnet(_ arguments: [String], privileges: [String] = []) throws -> Child {
        let setpriv = ["setpriv", "--reuid", "1001", "--regid", "1001", "--clear-groups", "--inh-caps=-all"]
        return try namespace.start(
            setpriv + privileges + ["--", folder("bin/openvmnet")] + arguments,
            environment: ["HOME": home, "XDG_RUNTIME_DIR": home, "XDG_STATE_HOME": home + "/state"])
    }

    /// Has alice serve a bridged network.
    func serve(_ options: String..., privileges: [String] = []) throws -> Child {
        try openvmnet(
            ["serve", "--mode", "bridged", "--listen", "stream:\(home)/vm.sock"] + options, privileges: privileges)
    }
}
