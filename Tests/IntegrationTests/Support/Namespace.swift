import Foundation
import Glibc
import TAPGuest

/// A network and mount namespace with nothing but a loopback interface, which a waiting process keeps alive.
///
/// Nobody else sees it and it has no name, so the kernel removes it, its interfaces and its mounts with the last process
/// in it. A caller who is not root gets a user namespace around it, in which it is.
final class Namespace: Sendable {
    private let holder: Child

    init() async throws {
        let privilege = geteuid() == 0 ? [] : ["--user", "--map-root-user"]
        holder = try Child(
            ["unshare"] + privilege + ["--net", "--mount", "sh", "-c", "ip link set lo up && echo ready && exec cat"],
            hasInput: true)
        try await holder.wait(for: "ready", within: .seconds(10))
    }

    deinit {
        let own = identity(of: holder.pid)
        for name in (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? [] {
            if let pid = pid_t(name), pid != holder.pid, own != nil, identity(of: pid) == own { kill(pid, SIGKILL) }
        }
    }

    /// The path that stands for its network to others, as long as it is alive.
    var path: String { "/proc/\(holder.pid)/ns/net" }

    /// Starts a process in it.
    func start(
        _ arguments: [String], environment: [String: String] = [:], hasInput: Bool = false,
        inheriting descriptors: [Int32] = []
    ) throws -> Child {
        let privilege = geteuid() == 0 ? [] : ["--user", "--preserve-credentials"]
        return try Child(
            ["nsenter", "--target", "\(holder.pid)", "--net", "--mount"] + privilege + ["--"] + arguments,
            environment: environment, hasInput: hasInput, inheriting: descriptors)
    }

    /// By which its TCP decides how fast to send.
    func congestionControl() async throws -> String {
        try await run("cat", "/proc/sys/net/ipv4/tcp_congestion_control").split(separator: "\n").joined()
    }

    /// Runs a process in it to its end, and gives its output.
    ///
    /// - Throws: `ChildFailure` when it does not exit with 0 in time.
    @discardableResult
    func run(
        _ arguments: String..., environment: [String: String] = [:], within limit: Duration = .seconds(10)
    ) async throws -> String {
        let child = try start(arguments, environment: environment)
        guard try await child.exit(within: limit) == .status(0) else { throw ChildFailure("failed", child) }
        return child.output
    }
}

/// The network namespace that a process is in.
private func identity(of pid: pid_t) -> String? {
    try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/ns/net")
}
