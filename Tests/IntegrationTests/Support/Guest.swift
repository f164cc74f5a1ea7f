import VmnetWire

/// Someone on the network: a virtual machine, or a namespace with an interface. It has busybox's programs.
protocol Guest: Sendable {
    /// The name of its network interface.
    var interface: String { get }

    /// Runs one line of shell script in it, and gives its status and its output with its errors.
    func shell(_ script: String, within limit: Duration) async throws -> (status: Int, output: String)

    /// Asks for an address and configures its interface.
    func acquireLease() async throws -> Lease
}

/// What a DHCP client was given, in its own words.
struct Lease: Equatable, Sendable {
    let address: IPv4Address
    /// Whatever the client calls them: `mask`, `gateway`, `dns`, `mtu`, `seconds`, `server`.
    let options: [String: String]

    /// Reads `name=value` lines, as Guest/lease writes them.
    init(record: String) throws {
        let pairs = record.split(whereSeparator: \.isNewline).map { $0.split(separator: "=", maxSplits: 1) }
        options = Dictionary(
            pairs.filter { $0.count == 2 }.map { (String($0[0]), String($0[1])) }, uniquingKeysWith: { $1 })
        guard let address = options["address"].flatMap({ IPv4Address($0) }) else {
            throw GuestFailure("no lease: \(record)")
        }
        self.address = address
    }
}

/// A guest that did not do what it was told.
struct GuestFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

extension Guest {
    /// Runs a script that has to succeed, and gives its output.
    @discardableResult
    func run(_ script: String, within limit: Duration = .seconds(20)) async throws -> String {
        let (status, output) = try await shell(script, within: limit)
        guard status == 0 else { throw GuestFailure("\"\(script)\" ended with \(status): \(output)") }
        return output
    }

    /// Whether three echo requests to `address` are answered.
    func canPing(_ address: IPv4Address) async throws -> Bool {
        try await shell("ping -c 3 -i 0.2 -W 2 \(address)", within: .seconds(15)).status == 0
    }
}

extension Guest {
    /// Asks with busybox's client, as a virtual machine does.
    func acquireLeaseWithBusybox() async throws -> Lease {
        try await run("ip link set dev \(interface) up")
        try await run("udhcpc -i \(interface) -n -q -t 5 -T 1 -s /lease")
        return try Lease(record: try await run("cat /tmp/lease"))
    }
}
