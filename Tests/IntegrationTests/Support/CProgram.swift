import Foundation
import Testing

/// A C program that is compiled against the installed prefix, as its user would.
final class CProgram: Sendable {
    /// What compiles it, with the flags that pkg-config's follow.
    struct Compiler: Sendable, CustomTestStringConvertible {
        let arguments: [String]
        /// The package that it asks pkg-config for.
        let package: String

        /// For programs that were written for macOS: blocks, and whatever extensions their authors like.
        static let macOS = Compiler(
            arguments: ["clang", "-std=gnu11", "-Wall", "-Wextra", "-Werror"], package: "vmnet")
        /// For programs in plain C.
        static let plain = strict("gcc", "c11")

        static func strict(_ program: String, _ standard: String) -> Compiler {
            Compiler(
                arguments: [program, "-std=\(standard)", "-Wall", "-Wextra", "-Werror", "-pedantic"],
                package: "openvmnet")
        }

        var testDescription: String { arguments.joined(separator: " ") }
    }

    private let folder: TemporaryFolder
    private let executable: String

    /// Compiles a source file, named by its path in the package.
    init(_ source: String, by compiler: Compiler, for prefix: String? = Programs.prefix) async throws {
        folder = try TemporaryFolder()
        executable = folder("program")
        let flags = try await Self.output(
            ["pkg-config", "--cflags", "--libs", compiler.package], searching: try #require(prefix))
        _ = try await Self.output(
            compiler.arguments + ["-g", "-o", executable, packageFolder.appendingPathComponent(source).path]
                + flags.split(whereSeparator: \.isWhitespace).map(String.init), searching: "")
    }

    private static func output(_ command: [String], searching prefix: String) async throws -> String {
        let child = try Child(command, environment: ["PKG_CONFIG_PATH": "\(prefix)/lib/pkgconfig"])
        guard try await child.exit(within: .seconds(60)) == .status(0) else { throw ChildFailure("failed", child) }
        return child.output
    }

    /// Starts it in a namespace, with whatever it keeps in its temporary folder.
    func start(
        _ arguments: [String] = [], in namespace: Namespace, environment: [String: String] = [:],
        after prefix: [String] = []
    ) throws -> Child {
        try namespace.start(
            prefix + [executable] + arguments,
            environment: [
                "HOME": folder.path, "XDG_RUNTIME_DIR": folder.path, "XDG_STATE_HOME": folder("state"),
            ].merging(environment) { $1 })
    }
}

/// A program of Tests/Conformance keeps its promise: it ends with 0, which it does for nothing less.
///
/// - Parameters:
///   - program: its path without `.c`.
///   - host: where it runs; nil: a host of its own, with nothing but a loopback interface.
///   - prefix: a command that starts it: `setpriv ...`.
/// - Returns: what it wrote.
@discardableResult
func checkPromise(
    _ program: String, _ arguments: String..., by compiler: CProgram.Compiler = .macOS, on host: Namespace? = nil,
    environment: [String: String] = [:], after prefix: [String] = [], sourceLocation: SourceLocation = #_sourceLocation
) async throws -> Child.Result {
    let compiled = try await CProgram("Tests/Conformance/\(program).c", by: compiler)
    let namespace = if let host { host } else { try await Namespace() }
    let child = try compiled.start(arguments, in: namespace, environment: environment, after: prefix)
    let result = try await child.result(within: .seconds(130))
    #expect(result.exit == .status(0), "\(result.errors)", sourceLocation: sourceLocation)
    return result
}
