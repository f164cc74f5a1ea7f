import VmnetSystem
import VmnetWire

/// The resolver that the host uses, as /etc/resolv.conf names it (resolv.conf(5)).
///
/// The file is looked at when a query comes, at most once a second, and read again when it has changed.
struct HostResolver {
    /// As much of the file as is read: it has three servers and a line or two of options.
    private static let maximumByteCount = 64 << 10
    private static let patience: Int64 = 1_000_000_000

    private let path: String
    private var version: FileVersion?
    /// When the file was last looked at; nil = never.
    private var lastLook: Int64?
    private var servers = Servers()

    init(path: String = "/etc/resolv.conf") {
        self.path = path
    }

    /// The server to ask: of the family that is asked for, when there is one.
    mutating func address(isIPv4: Bool, now: NATTime) -> IPv6Address {
        if lastLook.map({ now.nanoseconds - $0 >= Self.patience }) ?? true { look(now) }
        return servers.first(isIPv4: isIPv4)
    }

    private mutating func look(_ now: NATTime) {
        lastLook = now.nanoseconds
        let present = FileVersion(path)
        guard present != version else { return }
        version = present
        guard present != nil, let text = try? File.read(path, maximumByteCount: Self.maximumByteCount) else {
            servers = Servers()
            return
        }
        servers = Servers(parsing: String(decoding: text, as: UTF8.self))
    }

    /// The first server of each family.
    struct Servers: Equatable {
        private(set) var ipv4: IPv6Address?
        private(set) var ipv6: IPv6Address?

        init() {}

        /// The text of the file. A server with a zone (`fe80::1%eth0`) is passed over: its interface may go.
        init(parsing text: String) {
            for line in text.split(whereSeparator: \.isNewline) {
                let words = line.split(whereSeparator: \.isWhitespace)
                guard words.count >= 2, words[0] == "nameserver" else { continue }
                if let address = IPv4Address(String(words[1])) {
                    if ipv4 == nil { ipv4 = IPv6Address(mapping: address) }
                } else if let address = IPv6Address(String(words[1])), ipv6 == nil {
                    ipv6 = address
                }
            }
        }

        /// Without any server it is the host itself, as for everybody on the host.
        func first(isIPv4: Bool) -> IPv6Address {
            (isIPv4 ? ipv4 ?? ipv6 : ipv6 ?? ipv4) ?? .loopback(isIPv4: isIPv4)
        }
    }
}
