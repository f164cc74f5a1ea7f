/// How TCP of a network namespace decides how fast to send (ip-sysctl, `tcp_congestion_control`; IPv6 obeys it too).
package enum CongestionControl {
    private static let setting = "/proc/sys/net/ipv4/tcp_congestion_control"

    /// Makes connections of the calling thread's namespace that would be paced go as fast as their ends do: by Reno, which
    /// every kernel has, instead of BBR.
    ///
    /// For a namespace that is a guest, and whose connections so end a memory copy away, at the relay or another guest.
    /// There BBR's timer for each segment is half of what a sender does, and what it takes for the path's speed is how the
    /// processes take turns. A namespace with another interface that is up stays as it is, for connections may go that way;
    /// so does one whose settings this process may not change. The setting outlives the guest's interface.
    ///
    /// - Parameter interface: the guest's own, whether it is up or not.
    package static func unpaceNamespace(of interface: String) {
        guard let contents = try? File.read(setting, maximumByteCount: 64),
            String(decoding: contents, as: UTF8.self).hasPrefix("bbr"), isAlone(interface)
        else { return }
        try? File.overwrite(setting, with: "reno")
    }

    private static func isAlone(_ interface: String) -> Bool {
        guard let links = try? NetworkLink.all() else { return false }
        return links.allSatisfy { $0.isLoopback || $0.name == interface || $0.state == .down }
    }
}
