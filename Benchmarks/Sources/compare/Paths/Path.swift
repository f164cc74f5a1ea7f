/// A way for a guest's packets to reach the host, or each other. One file for each; `allPaths` has them in order.
protocol Path: Sendable {
    /// A word for the command line and the results: `slirp4netns`.
    var id: String { get }
    /// For the reader: `slirp4netns, TAP`.
    var title: String { get }
    /// Ours, a peer's, or a limit that no path can pass.
    var role: PathRole { get }
    /// Programs that have to be installed.
    var programs: [String] { get }
    /// The version of what is measured.
    var version: String { get }
    /// Why this path has no such MTU; nil when it has.
    func refusal(ofMTU mtu: Int) -> String?
    /// Whether guests of one network reach each other.
    var joinsGuests: Bool { get }
    /// Whether a DHCP server with room for thousands of clients answers on it.
    var servesManyLeases: Bool { get }
    /// Starts what is needed so that every guest reaches the host, each with a configured interface.
    ///
    /// A path that gives a guest a network of its own starts one program for each.
    func attach(_ guests: [Namespace], mtu: Int) throws -> Attachment
}

/// What a path is to the comparison.
enum PathRole: String { case ours, peer, limit }

extension Path {
    var version: String { programs.first.map { Programs.version(of: $0) } ?? "kernel" }
    func refusal(ofMTU mtu: Int) -> String? { nil }
    var joinsGuests: Bool { false }
    var servesManyLeases: Bool { false }
    /// The programs that are not there.
    var missing: [String] { programs.filter { Programs.find($0) == nil } }
}

/// A path in use. Its processes end when it is released.
final class Attachment {
    /// Where each guest reaches services of the host.
    let host: String
    /// The address of each guest.
    let addresses: [String]
    /// What carries the packets: the processes whose time and memory are counted.
    let carriers: [Child]
    /// What stands for the guests' machines: not counted.
    private let pumps: [Child]
    /// Namespaces on the way, which live as long.
    private let waypoints: [Namespace]

    init(
        host: String, addresses: [String], carriers: [Child], pumps: [Child] = [], through waypoints: [Namespace] = []
    ) {
        self.host = host
        self.addresses = addresses
        self.carriers = carriers
        self.pumps = pumps
        self.waypoints = waypoints
    }

    /// Of all carriers, since they began.
    var processorSeconds: Double { carriers.reduce(0) { $0 + ProcessFigures(of: $1.pid).processorSeconds } }
    var residentBytes: Double { carriers.reduce(0) { $0 + ProcessFigures(of: $1.pid).residentBytes } }
}
