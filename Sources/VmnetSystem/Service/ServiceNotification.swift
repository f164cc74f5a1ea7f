import SystemPackage

/// The way to the service manager that started this process (sd_notify(3)): a service says how it does, and leaves
/// descriptors that its successor gets back.
///
/// A message is one datagram of `NAME=value` lines.
package struct ServiceNotification: ~Copyable, Sendable {
    /// What there is to say.
    package enum Message: Equatable, Sendable {
        /// The service does its work from now on.
        case ready
        /// It has begun to end.
        case stopping
        /// What it does, in words for a person: one line.
        case status(String)
        /// Keep the descriptor that comes with this message for the successor, under this name: ASCII without colons.
        case store(name: String)
        /// Keep what has this name no longer.
        case remove(name: String)

        fileprivate var text: String {
            switch self {
            case .ready: "READY=1"
            case .stopping: "STOPPING=1"
            case .status(let text): "STATUS=\(text)"
            case .store(let name): "FDSTORE=1\nFDNAME=\(name)"
            case .remove(let name): "FDSTOREREMOVE=1\nFDNAME=\(name)"
            }
        }
    }

    private let socket: Descriptor

    /// Connects to the socket that `$NOTIFY_SOCKET` names: a path, or after `@` an abstract address. nil without it.
    ///
    /// - Parameter environment: looks a variable up, such as `Environment.value`.
    package static func connect(
        _ environment: (String) -> String?
    ) throws(SystemError) -> ServiceNotification? {
        guard let name = environment("NOTIFY_SOCKET"), !name.isEmpty else { return nil }
        let address =
            name.first == "@"
            ? try UnixAddress(abstractName: String(name.dropFirst()), for: "connect to")
            : try UnixAddress(path: name, for: "connect to")
        let socket = try Socket.unix(.datagram)
        do throws(Errno) {
            try Socket.setPeer(socket.raw, address)
        } catch {
            throw SystemError(
                "reach the service manager at \(name)", error, remedy: "without a service manager, unset NOTIFY_SOCKET")
        }
        try socket.setNonBlocking(false)
        return ServiceNotification(socket: socket)
    }

    /// Sends the messages as one. Blocks while the service manager has no room for it.
    ///
    /// - Parameter descriptor: goes with `.store`; it stays the caller's.
    package borrowing func send(_ messages: Message..., passing descriptor: Int32? = nil) throws(SystemError) {
        let bytes = Array(messages.map(\.text).joined(separator: "\n").utf8)
        if let descriptor { return try DescriptorPassing.send(descriptor, with: bytes, over: socket.raw) }
        if case .failed(let error) = socket.write(bytes.span) {
            throw SystemError("tell the service manager", error)
        }
    }
}
