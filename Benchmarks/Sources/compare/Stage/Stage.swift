import Foundation
import Glibc
import Synchronization

/// What every measurement finds: the host's namespace with a loopback interface, an interface to an outside world for
/// programs that ask for the default route, and an echo server.
///
/// The script that starts this program has made the namespaces: what is done here nobody else sees, and all of it goes
/// with the last process.
final class Stage {
    /// A memory file system, seen by this program and what it starts only.
    static let folder = "/run/openvmnet-compare"
    static let echoPort = 7000

    private let echo: Child

    init() throws {
        // Safety: the strings live for the call.
        guard unsafe mount("compare", "/run", "tmpfs", 0, "mode=0755") == 0 else {
            throw Failure("no namespaces of its own: start it with Benchmarks/compare")
        }
        let files = FileManager.default
        for folder in [Self.folder, "/run/netns", "/run/user"] {
            try files.createDirectory(atPath: folder, withIntermediateDirectories: true)
        }
        for (name, value) in ["HOME": Self.folder, "XDG_RUNTIME_DIR": "/run/user", "XDG_STATE_HOME": Self.folder] {
            // Safety: the strings live for the call, and no other thread reads the environment.
            unsafe setenv(name, value, 1)
        }
        try Namespace.host.shell(
            """
            ip link set lo up
            ip link add wan0 type veth peer name wan1
            ip link set wan1 up
            ip link set wan0 up
            ip address add 203.0.113.1/24 dev wan0
            ip route add default via 203.0.113.254
            echo '1024 65000' >/proc/sys/net/ipv4/ip_local_port_range
            echo '\(Self.echoPort),\(Iperf3.ports.lowerBound)-\(Iperf3.ports.upperBound)' \
                >/proc/sys/net/ipv4/ip_local_reserved_ports
            """)
        echo = try Namespace.host.start([Programs.probe, "echo", "\(Self.echoPort)"])
        try echo.wait(for: "ready", within: 5)
    }

    /// The path of a file of that name that nobody has used yet.
    static func path(_ name: String) -> String {
        "\(folder)/\(count.add(1, ordering: .relaxed).newValue).\(name)"
    }

    static func isSocket(_ path: String) -> Bool {
        var status = stat()
        // Safety: the path and the structure live for the call.
        return unsafe lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFSOCK
    }

    private static let count = Atomic<Int>(0)
}
