import Synchronization

/// A network namespace: a guest's, or the host's, in which the comparison itself runs.
final class Namespace: Sendable {
    /// Where the comparison, the servers and what carries guests' packets run.
    static let host = Namespace()

    private static let count = Atomic<Int>(0)
    /// Nil for the host's.
    private let name: String?

    private init() { name = nil }

    /// A new one with a loopback interface, for a guest called `label`.
    init(guest label: String) throws {
        let number = Self.count.add(1, ordering: .relaxed).newValue
        let name = "\(label)-\(number)"
        self.name = name
        try run("ip", "netns", "add", name)
        try shell(
            """
            ip link set lo up
            echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6
            echo '1024 65000' >/proc/sys/net/ipv4/ip_local_port_range
            """)
    }

    deinit { if let name { _ = try? Child(["ip", "netns", "delete", name]).finish(within: 5) } }

    /// A path that stands for it.
    var path: String { name.map { "/run/netns/\($0)" } ?? "/proc/1/ns/net" }

    /// Starts a process in it.
    func start(_ arguments: [String]) throws -> Child {
        try Child(name == nil ? arguments : ["nsenter", "--net=\(path)"] + arguments)
    }

    /// Runs lines of shell script in it.
    @discardableResult
    func shell(_ script: String) throws -> String {
        try start(["sh", "-ec", script]).finish(within: 10)
    }

    /// Lets neighbour requests be repeated every 10 ms instead of every second, so that it shows when a path is ready;
    /// a hundred times before they fail, not three.
    private static func hurry(_ interface: String) -> String {
        """
        echo 10 >/proc/sys/net/ipv4/neigh/\(interface)/retrans_time_ms
        echo 100 >/proc/sys/net/ipv4/neigh/\(interface)/mcast_solicit
        """
    }

    /// Gives an interface of this namespace an address and, for a guest, a route to everything else.
    func configure(_ interface: String, address: String, gateway: String? = nil, mtu: Int) throws {
        try shell(
            """
            \(Self.hurry(interface))
            ip link set \(interface) mtu \(mtu) up
            ip address add \(address) dev \(interface)
            \(gateway.map { "ip route add default via \($0)" } ?? "")
            """)
    }

    /// Waits for an interface of that name in the host's namespace, and moves it here as `eth0`.
    func adopt(_ interface: String) throws {
        try eventually("interface \(interface)", within: 5) { Interface.exists(interface) }
        try run("ip", "link", "set", interface, "netns", name ?? "1", "name", "eth0")
    }

    /// Waits until `carrier` has made an interface `eth0` here and given it a route.
    func waitForAddress(from carrier: Child) throws {
        try eventually("an address", within: 5) {
            try carrier.checkRunning()
            return try start(["ip", "-4", "route", "show", "default"]).finish(within: 2).contains("eth0")
        }
        try shell(Self.hurry("eth0"))
    }
}
