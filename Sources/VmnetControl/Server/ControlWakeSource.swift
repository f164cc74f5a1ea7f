/// Everything that can wake the control server's thread. It travels as the token of an epoll event.
enum ControlWakeSource: Equatable {
    /// The server is to stop.
    case wakeUp
    /// A client connects to the control socket.
    case httpEntrance
    /// Somebody connects to the attach socket, has said something there, or has gone.
    case attach
    /// HTTP clients have said something, or take more of an answer.
    case http
    var token: UInt64 {
        switch self {
        case .wakeUp: 0
        case .httpEntrance: 1
        case .attach: 2
        case .http: 3
        }
    }

    init?(token: UInt64) {
        switch token {
        case 0: self = .wakeUp
        case 1: self = .httpEntrance
        case 2: self = .attach
        case 3: self = .http
        default: return nil
        }
    }
}
