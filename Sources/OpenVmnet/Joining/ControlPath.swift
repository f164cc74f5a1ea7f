import VmnetSystem

/// Where a network's sockets are: `NAME.control` and `NAME.attach` in the user's runtime directory, unless told otherwise.
package enum ControlPath {
    private static let suffix = ".control"

    /// The control socket of the network `name`.
    package static func socket(of name: String) -> String {
        "\(Directory.runtime(Environment.value))/\(name)\(suffix)"
    }

    /// The attach socket beside a control socket: `.attach` in the place of `.control`, or after another name.
    package static func attachSocket(beside control: String) -> String {
        (control.hasSuffix(suffix) ? String(control.dropLast(suffix.count)) : control) + ".attach"
    }

    /// Names of networks whose control sockets are in the runtime directory, in order; some may be left from processes
    /// that were killed.
    package static func names() -> [String] {
        let files = (try? Directory.names(in: Directory.runtime(Environment.value))) ?? []
        return files.filter { $0.hasSuffix(suffix) }.map { String($0.dropLast(suffix.count)) }.sorted()
    }
}
