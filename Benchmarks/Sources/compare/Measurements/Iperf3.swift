import Figures
import Synchronization

/// One run of iperf3 between two namespaces, with a server of its own.
struct Iperf3 {
    /// Where servers listen: nobody else is given these.
    static let ports = 20_000...29_999

    private static let count = Atomic<Int>(0)

    /// One of these, in turn.
    static func nextPort() -> String {
        "\(ports.lowerBound + count.add(1, ordering: .relaxed).newValue % ports.count)"
    }

    private let server: Server
    private let client: Child

    /// Starts a server in `host` and a client in `guest`, for one second.
    ///
    /// - Parameter options: `--reverse` for the direction to the client.
    init(
        from guest: Namespace, to address: String, in host: Namespace = .host, options: [String] = []
    ) throws {
        server = try Server(in: host)
        client = try guest.start(
            [
                "iperf3", "--client", address, "--port", server.port, "--time", "1", "--json",
                "--connect-timeout", "3000",
            ] + options)
    }

    func finish() throws -> Iperf3Report {
        try withExtendedLifetime(server) {
            try client.awaitEnd(within: 5)
        }
        // What went wrong it says in its JSON.
        let text = client.text
        guard text.hasPrefix("{") else { throw Failure("iperf3: \(text.prefix(100))") }
        return try Iperf3Report(parsing: text)
    }
}

extension Iperf3 {
    /// A server for one client.
    struct Server {
        let port: String
        private let child: Child

        /// Starts one, and waits until it listens.
        init(in host: Namespace) throws {
            port = Iperf3.nextPort()
            child = try host.start(["iperf3", "--server", "--one-off", "--forceflush", "--port", port])
            try child.wait(for: "listening", within: 5)
        }
    }
}
