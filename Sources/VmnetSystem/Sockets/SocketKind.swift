import CVmnetLinux
import Glibc

/// How data travels over a socket.
package enum SocketKind: Sendable {
    /// A stream of bytes, SOCK_STREAM.
    case stream
    /// Datagrams, SOCK_DGRAM.
    case datagram
    /// Records over a connection, SOCK_SEQPACKET.
    case seqpacket

    var rawValue: Int32 {
        switch self {
        case .stream: Int32(SOCK_STREAM.rawValue)
        case .datagram: Int32(SOCK_DGRAM.rawValue)
        case .seqpacket: Int32(SOCK_SEQPACKET.rawValue)
        }
    }

    init?(rawValue: Int32) {
        switch rawValue {
        case SocketKind.stream.rawValue: self = .stream
        case SocketKind.datagram.rawValue: self = .datagram
        case SocketKind.seqpacket.rawValue: self = .seqpacket
        default: return nil
        }
    }
}
