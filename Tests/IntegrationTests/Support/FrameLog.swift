/// tcpdump in a namespace, a line a frame.
final class FrameLog: Sendable {
    private let tcpdump: Child

    /// Begins to write down what passes an interface, or all of them (`any`).
    ///
    /// - Parameters:
    ///   - options: tcpdump's own: `-e` for addresses of the link, `-Q in`.
    ///   - filter: pcap-filter(7).
    init(on interface: String, in namespace: Namespace, _ options: [String] = [], filter: String = "") async throws {
        // Another user, whom the namespace does not know, it need not become.
        tcpdump = try namespace.start(
            ["tcpdump", "-n", "-tt", "-l", "--immediate-mode", "-Z", "root", "-i", interface] + options
                + filter.split(separator: " ").map(String.init))
        let tcpdump = tcpdump
        try await eventually("tcpdump", within: .seconds(10)) { tcpdump.errors.contains("listening on") }
    }

    /// What it has seen so far.
    var lines: [String] { tcpdump.output.split(separator: "\n").map(String.init) }

    /// Ends it, and gives what it has seen.
    func finish() async throws -> [String] {
        tcpdump.signal(2)
        let result = try await tcpdump.result(within: .seconds(10))
        guard result.exit == .status(0) else { throw ChildFailure("failed", tcpdump) }
        return lines
    }
}
