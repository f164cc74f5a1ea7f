import Foundation

/// The programs that are run.
enum Programs {
    /// The small clients and servers, built with this program and beside it.
    static let probe = beside("probe")
    /// What a program has that links the library.
    static let inProcess = beside("in-process")

    private static func beside(_ name: String) -> String {
        (Bundle.main.executableURL ?? URL(fileURLWithPath: CommandLine.arguments[0]))
            .deletingLastPathComponent().appendingPathComponent(name).path
    }

    /// What is measured: a release build.
    static var openvmnet: String {
        ProcessInfo.processInfo.environment["OPENVMNET_BINARY"] ?? "openvmnet"
    }

    /// The path of a program, searched for in PATH; nil when it is not installed.
    static func find(_ name: String) -> String? {
        if name.contains("/") { return FileManager.default.isExecutableFile(atPath: name) ? name : nil }
        return (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
            .map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// The version of the Debian package that a program came in; of one from elsewhere, the first line that it prints
    /// when it is asked for its version.
    static func version(of name: String) -> String {
        guard let path = find(name) else { return "not installed" }
        if path.hasPrefix("/usr/bin/") || path.hasPrefix("/usr/sbin/"),
            let owner = try? run("dpkg-query", "--search", path).split(separator: ":").first,
            let version = try? run("dpkg-query", "--show", "--showformat=${Version}", String(owner))
        {
            return version
        }
        return (try? run(path, "--version").split(whereSeparator: \.isNewline).first.map { String($0) }) ?? "unknown"
    }
}
