/// Where guests attach: `TRANSPORT:PATH`.
public enum ListenAddress: Hashable, Sendable {
    /// A stream socket in QEMU's framing, many guests, one connection each.
    case stream(path: String)
    /// A datagram socket, one guest.
    case datagram(path: String)
    /// A SEQPACKET socket as User Mode Linux's `bess` transport speaks it, many guests, one connection each.
    case bess(path: String)
    /// A TAP interface, in the network namespace at `namespace` or in the caller's.
    case tap(name: String, namespace: String?)
    /// A descriptor of this process: a connected socket or a TAP.
    case descriptor(Int32)

    /// Parses `stream:PATH`, `dgram:PATH`, `bess:PATH`, `tap:NAME[@NAMESPACE]` or `fd:NUMBER`.
    ///
    /// - Throws: `.invalidConfiguration`, naming the text.
    public init(_ text: String) throws(VmnetError) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[1].isEmpty else { throw Self.misunderstood(text) }
        let value = String(parts[1])
        switch parts[0] {
        case "stream": self = .stream(path: try Self.checked(path: value))
        case "dgram": self = .datagram(path: try Self.checked(path: value))
        case "bess": self = .bess(path: try Self.checked(path: value))
        case "tap": self = try Self.tap(value, in: text)
        case "fd":
            guard let number = Int32(value), number >= 0 else { throw Self.misunderstood(text) }
            self = .descriptor(number)
        default: throw Self.misunderstood(text)
        }
    }

    /// Checks that no path, interface or descriptor is meant twice.
    ///
    /// - Throws: `.invalidConfiguration`, naming the address that comes again.
    public static func checkDistinct(_ addresses: [ListenAddress]) throws(VmnetError) {
        var places: Set<String> = []
        for address in addresses where !places.insert(address.place).inserted {
            throw VmnetError(
                .invalidConfiguration, "'\(address)' is listened on twice", hint: "give each address once")
        }
    }

    /// What can be used once, whatever the kind of socket.
    private var place: String {
        switch self {
        case .stream(let path), .datagram(let path), .bess(let path): path
        case .tap, .descriptor: description
        }
    }

    /// A socket's path has to fit the kernel's address structure (unix(7)).
    private static func checked(path: String) throws(VmnetError) -> String {
        guard path.utf8.count <= longestPath else {
            throw VmnetError(
                .invalidConfiguration, "the path '\(path)' is too long for a socket: \(path.utf8.count) bytes",
                hint: "use one of at most \(longestPath) bytes, such as one under /tmp or $XDG_RUNTIME_DIR")
        }
        return path
    }

    /// Bytes of `sun_path` without its closing zero.
    private static let longestPath = 107

    private static func tap(_ value: String, in text: String) throws(VmnetError) -> ListenAddress {
        let parts = value.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        // IFNAMSIZ is 16, with its terminating zero.
        guard (1...15).contains(parts[0].utf8.count), !parts[0].contains("/"), parts.count == 1 || !parts[1].isEmpty
        else { throw misunderstood(text) }
        return .tap(name: parts[0], namespace: parts.count == 2 ? parts[1] : nil)
    }

    private static func misunderstood(_ text: String) -> VmnetError {
        VmnetError(
            .invalidConfiguration, "cannot listen on '\(text)'",
            hint: "write stream:PATH, dgram:PATH, bess:PATH, tap:NAME[@NETNS] or fd:NUMBER")
    }
}

extension ListenAddress: CustomStringConvertible {
    /// As it is written on the command line.
    public var description: String {
        switch self {
        case .stream(let path): "stream:\(path)"
        case .datagram(let path): "dgram:\(path)"
        case .bess(let path): "bess:\(path)"
        case .tap(let name, let namespace): "tap:\(name)" + (namespace.map { "@\($0)" } ?? "")
        case .descriptor(let number): "fd:\(number)"
        }
    }
}
