import CVmnetLinux
import Glibc
import SystemPackage

/// A connection over this host's loopback interface, made for a listener of this process that is to accept something at
/// once. It leaves nothing behind: its end is a reset.
package struct StandInConnection: ~Copyable {
    /// How long the kernel may take to carry the connection from one socket to the other; it takes microseconds.
    private static let patience: Int32 = 100

    private let socket: Descriptor
    /// The port that the listener will see it come from.
    package let port: UInt16

    /// - Parameter port: where it is to come from, if that can be: a port below 1024 is not everybody's. 0 = any.
    package init(from port: UInt16) throws(SystemError) {
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let socket = Descriptor(
            owning: try SystemCall.run("create a TCP socket") { Glibc.socket(AF_INET, kind, 0) })
        InternetSocket.resetOnClose(socket.raw)
        // Any address of 127/8 is this host's. At one of its own the port is free, whoever has it at another.
        let address = UInt64(0x7f01_0000 | UInt32.random(in: 0..<0xfd_0000))
        let name = InternetEndpoint(high: 0, low: 0xffff_0000_0000 | address, port: port)
        if case .failure = Self.bind(socket.raw, name) {
            var any = name
            any.port = 0
            guard case .success = Self.bind(socket.raw, any) else {
                throw SystemError("bind to \(any)", Errno(rawValue: errno))
            }
        }
        guard let bound = InternetEndpoint(nameOf: socket.raw) else {
            throw SystemError("read a socket's name", .badFileDescriptor)
        }
        self.port = bound.port
        self.socket = socket
    }

    /// Connects to the listener, and waits until there is something to accept.
    package borrowing func connect(to listener: Int32) throws(SystemError) {
        guard let name = InternetEndpoint(nameOf: listener) else {
            throw SystemError("read a socket's name", .badFileDescriptor)
        }
        let raw = socket.raw
        // Safety: the address is lent for the call.
        let result = SystemCall.result { unsafe name.withSocketAddress { unsafe Glibc.connect(raw, $0, $1) } }
        if case .failure(let error) = result, error != .nowInProgress {
            throw SystemError("connect to \(name)", error)
        }
        var entry = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
        // Safety: one entry, which lives for the call.
        guard unsafe poll(&entry, 1, Self.patience) == 1 else { throw SystemError("connect to \(name)", .timedOut) }
    }

    private static func bind(_ raw: Int32, _ name: InternetEndpoint) -> Result<Int32, Errno> {
        // Safety: the address is lent for the call.
        SystemCall.result { unsafe name.withSocketAddress { unsafe Glibc.bind(raw, $0, $1) } }
    }
}
