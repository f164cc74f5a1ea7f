import Foundation

extension Serve {
    /// Runs a verb of the command line to its end, as the user of this network does.
    func verb(_ arguments: String..., within limit: Duration = .seconds(20)) async throws -> Child.Result {
        try await start(verb: arguments).result(within: limit)
    }

    /// Starts a verb, or `run`.
    func start(verb arguments: [String]) throws -> Child {
        try host.namespace.start(
            [Programs.openvmnet ?? "openvmnet"] + arguments, environment: Self.environment(folder))
    }

    /// Asks the control socket with curl.
    ///
    /// - Returns: the status, and the body.
    func curl(_ path: String, _ options: String...) async throws -> (status: Int, body: String) {
        let child = try Child(
            ["curl", "-s", "--max-time", "10", "-w", "\n%{http_code}", "--unix-socket", announcement.control] + options
                + ["http://localhost\(path)"])
        let result = try await child.result(within: .seconds(15))
        let lines = result.output.split(separator: "\n", omittingEmptySubsequences: false)
        guard result.exit == .status(0), let status = lines.last.flatMap({ Int($0) }) else {
            throw ChildFailure("no answer", child)
        }
        return (status, lines.dropLast().joined(separator: "\n"))
    }
}

/// An object of a document in JSON.
func object(_ text: String) throws -> [String: Any] {
    try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] ?? [:]
}
