import VmnetSystem
import VmnetWire

/// What the guest's programs read to find their name servers: resolv.conf(5), as DHCP gave it.
struct ResolverConfiguration: Equatable {
    var servers: [IPv4Address]
    /// The domains that names without a dot are looked up in.
    var searchDomains: [String] = []

    /// resolv.conf(5) reads no more than three servers.
    var text: String {
        var lines = ["# From DHCP, by openvmnet."]
        if !searchDomains.isEmpty { lines.append("search \(searchDomains.joined(separator: " "))") }
        lines += servers.prefix(3).map { "nameserver \($0)" }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Shows the text as /etc/resolv.conf, in this thread's mount namespace only.
    ///
    /// Where that name leads to a file (itself, or what a symbolic link names), the text is mounted over it. Where it
    /// leads nowhere, the whole of /etc gets an overlay that has the file.
    func install() throws(SystemError) {
        try Mount.detachFromParent()
        try Self.silenceHostResolvers()
        // A mount needs a directory that surely exists; /tmp is covered only until the file is where it belongs.
        let scratch = "/tmp"
        try Mount.temporary(at: scratch)
        defer { try? Mount.detach(scratch) }
        if File.exists("/etc/resolv.conf") {
            try File.replace("\(scratch)/resolv.conf", with: Array(text.utf8).span, mode: 0o644)
            try Mount.bind("\(scratch)/resolv.conf", over: "/etc/resolv.conf")
        } else {
            try File.makeDirectory("\(scratch)/upper", mode: 0o755)
            try File.makeDirectory("\(scratch)/work", mode: 0o700)
            try File.replace("\(scratch)/upper/resolv.conf", with: Array(text.utf8).span, mode: 0o644)
            try Mount.overlay("\(scratch)/upper", work: "\(scratch)/work", over: "/etc")
        }
    }

    /// Programs that find the host's caching resolvers at these sockets would ask them, and so the host's network, not
    /// the guest's. With /dev/null there they read resolv.conf.
    private static func silenceHostResolvers() throws(SystemError) {
        for socket in ["/run/nscd/socket", "/run/systemd/resolve/io.systemd.Resolve"] where File.exists(socket) {
            try Mount.bind("/dev/null", over: socket)
        }
    }
}
