import TAPGuest

/// A network namespace with a TAP interface (Tests/TAPGuest) and one of Debian's DHCP clients.
final class NamespaceGuest: Guest {
    /// A DHCP client, as Debian packages it.
    enum Client: CaseIterable, Sendable {
        case udhcpc, dhclient, dhcpcd
    }

    let interface: String
    let namespace: Namespace
    /// The process that carries the frames; nil when the daemon does that itself.
    let plug: Child?
    private let client: Client
    private let configures: Bool
    private let folder: TemporaryFolder

    /// Connects to the socket at `path`, in a namespace of its own unless it shares one.
    ///
    /// - Parameters:
    ///   - configures: whether its interface gets the lease's address; where many share a namespace, none may.
    ///   - lossInterval: of each direction, every frame whose number is a multiple of it is lost.
    ///   - reconnects: whether it connects again when the daemon has gone, 50 ms later.
    init(
        connectedTo path: String, _ kind: SocketKind, address: String, client: Client = .udhcpc,
        interface: String = "eth0", sharing shared: Namespace? = nil, configures: Bool = true,
        lossInterval: Int? = nil, reconnects: Bool = false
    ) async throws {
        folder = try TemporaryFolder()
        self.interface = interface
        self.client = client
        self.configures = configures
        if let shared { namespace = shared } else { namespace = try await Namespace() }
        // What the kernel says on its own (router solicitations, MLD) is not what a test waits for.
        try await namespace.run("sh", "-c", "echo 1 | tee /proc/sys/net/ipv6/conf/*/disable_ipv6")
        let plug = try namespace.start(
            [Programs.tapGuest, interface, "\(kind.rawValue):\(path)", address, "\(lossInterval ?? 0)"]
                + (reconnects ? ["50"] : []))
        try await plug.wait(for: "ready", within: .seconds(10))
        self.plug = plug
    }

    /// Joins a network through the library (Tests/JoinedGuest).
    ///
    /// - Parameters:
    ///   - network: its name, the path of its control socket, or its serialization.
    ///   - environment: where names are looked up.
    init(joining network: String, id: String, environment: [String: String] = [:]) async throws {
        folder = try TemporaryFolder()
        interface = "eth0"
        client = .udhcpc
        configures = true
        namespace = try await Namespace()
        try await namespace.run("sh", "-c", "echo 1 | tee /proc/sys/net/ipv6/conf/*/disable_ipv6")
        let plug = try namespace.start([Programs.joinedGuest, network, interface, id], environment: environment)
        try await plug.wait(for: "ready", within: .seconds(10))
        self.plug = plug
    }

    /// Lives in `namespace`, where the daemon has made the interface.
    init(in namespace: Namespace, interface: String, client: Client = .udhcpc) throws {
        folder = try TemporaryFolder()
        self.namespace = namespace
        self.interface = interface
        self.client = client
        configures = true
        plug = nil
    }

    func shell(_ script: String, within limit: Duration) async throws -> (status: Int, output: String) {
        let child = try namespace.start(
            ["sh", "-c", "exec 2>&1; \(script)"], environment: ["PATH": "\(GuestFiles.root)/bin"])
        switch try await child.exit(within: limit) {
        case .status(let status): return (Int(status), child.output)
        case .signal(let number): throw ChildFailure("killed by signal \(number)", child)
        }
    }

    func acquireLease() async throws -> Lease {
        try await acquireLease(within: .seconds(20))
    }

    func acquireLease(within limit: Duration) async throws -> Lease {
        let record = folder("lease")
        let daemon = try start(
            client,
            environment: [
                "LEASE_FILE": record, "PATH": "\(GuestFiles.root)/bin", "if_configured": configures ? "" : "yes",
            ])
        try await eventually("\(client)'s lease", within: limit) {
            if !text(ofFile: record).isEmpty { return true }
            if !daemon.isRunning, text(ofFile: record).isEmpty { throw ChildFailure("no lease", daemon) }
            return false
        }
        return try Lease(record: text(ofFile: record))
    }

    private func start(_ client: Client, environment: [String: String]) throws -> Child {
        let script = GuestFiles.root + "/lease"
        return switch client {
        case .udhcpc:
            try namespace.start(
                ["/usr/sbin/udhcpc", "-i", interface, "-n", "-q", "-f", "-t", "5", "-T", "1", "-s", script],
                environment: environment)
        case .dhclient:
            try namespace.start(
                [
                    "/usr/sbin/dhclient", "-4", "-1", "-d", "-sf", script, "-lf", folder("leases"), "-pf",
                    folder("pid"),
                    "-e", "LEASE_FILE=\(folder("lease"))", "-e", "PATH=\(GuestFiles.root)/bin", interface,
                ], environment: environment)
        case .dhcpcd:
            // Its lease and control files have fixed places; these are the namespace's own.
            try namespace.start(
                [
                    "/bin/sh", "-c",
                    """
                    export PATH=/usr/sbin:/sbin:/usr/bin:/bin
                    mount -t tmpfs tmpfs /var/lib/dhcpcd && mount -t tmpfs tmpfs /run && mkdir -p /run/dhcpcd &&
                    exec dhcpcd -4 -B -d --noipv4ll -t 20 -c \(script) -e LEASE_FILE=\(folder("lease")) \
                        -e if_configured=yes -e PATH=\(GuestFiles.root)/bin \(interface)
                    """,
                ], environment: environment)
        }
    }
}
