/// Everything that can wake the control server's thread. It travels as the token of an epoll event.
enum ControlWakeSource: Equatable {
    /// The server is to stop.
    case wakeUp
    /// A client connects to the control socket.
    case httpEntrance
    /// A client connects to the attach socket.
    case attachEntrance
    /// HTTP clients have said something, or take more of an answer.
    case http
    /// A client of the attach socket has said something, or has gone.
    case visitor(UInt32)

    /// The kind in the high half, the number in the low half.
    var token: UInt64 {
        switch self {
        case .wakeUp: 0
        case .httpEntrance: 1 << 32
        case .attachEntrance: 2 << 32
        case .http: 3 << 32
        case .visitor(let number): 4 << 32 | UInt64(number)
        }
    }

    init?(token: UInt64) {
        switch token >> 32 {
        case 0: self = .wakeUp
        case 1: self = .httpEntrance
        case 2: self = .attachEntrance
        case 3: self = .http
        case 4: self = .visitor(UInt32(truncatingIfNeeded: token))
        default: return nil
        }
    }
}
