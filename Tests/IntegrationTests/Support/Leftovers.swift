import Foundation
import Glibc

/// What test processes that were killed could not clean up.
enum Leftovers {
    /// The environment variable of every child; its value is the process id of its tests.
    static let marker = "OPENVMNET_TESTS_PID"
    /// Before the process id of the tests in the name of every temporary folder.
    static let folderPrefix = "/tmp/openvmnet-tests."

    private static let swept: Void = {
        killOrphans()
        removeFolders()
    }()

    /// Kills and removes them, the first time only.
    static func sweepOnce() { swept }

    private static func killOrphans() {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? [] {
            guard let pid = pid_t(name), let environment = FileManager.default.contents(atPath: "/proc/\(pid)/environ")
            else { continue }
            let variables = environment.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
            guard let owner = variables.first(where: { $0.hasPrefix(marker + "=") })?.dropFirst(marker.count + 1),
                isDead(owner)
            else { continue }
            kill(pid, SIGKILL)
        }
    }

    private static func removeFolders() {
        let parent = URL(fileURLWithPath: folderPrefix).deletingLastPathComponent()
        let prefix = URL(fileURLWithPath: folderPrefix).lastPathComponent
        for name in (try? FileManager.default.contentsOfDirectory(atPath: parent.path)) ?? []
        where name.hasPrefix(prefix) {
            guard let owner = name.dropFirst(prefix.count).split(separator: ".").first, isDead(owner) else { continue }
            try? FileManager.default.removeItem(at: parent.appendingPathComponent(name))
        }
    }

    private static func isDead(_ pid: Substring) -> Bool {
        guard let pid = pid_t(pid) else { return false }
        return kill(pid, 0) != 0 && errno == ESRCH
    }
}
